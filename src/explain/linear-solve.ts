/** Small dense linear systems with a symmetric positive definite matrix, in float64. */

/** The Cholesky factor L of A = L·Lᵀ. */
export interface Factor {
  readonly size: number;
  /** Row-major; what is above the diagonal means nothing. */
  readonly lower: Float64Array;
}

/**
 * @param matrix row-major, symmetric
 * @throws RangeError where it is not positive definite
 */
export function cholesky(matrix: Float64Array, size: number): Factor {
  const lower = matrix.slice();
  const at = (row: number, column: number): number => lower[row * size + column] ?? 0;
  for (let column = 0; column < size; column++)
    for (let row = column; row < size; row++) {
      let rest = at(row, column);
      for (let k = 0; k < column; k++) rest -= at(row, k) * at(column, k);
      if (row === column && !(rest > 0)) throw new RangeError('the matrix is not positive definite');
      lower[row * size + column] = row === column ? Math.sqrt(rest) : rest / at(column, column);
    }
  return { size, lower };
}

/** x of A·x = right. */
export function solve({ size, lower }: Factor, right: Float64Array): Float64Array {
  const x = right.slice();
  const at = (row: number, column: number): number => lower[row * size + column] ?? 0;
  for (let row = 0; row < size; row++) {
    let rest = x[row] ?? 0;
    for (let k = 0; k < row; k++) rest -= at(row, k) * (x[k] ?? 0);
    x[row] = rest / at(row, row);
  }
  for (let row = size - 1; row >= 0; row--) {
    let rest = x[row] ?? 0;
    for (let k = row + 1; k < size; k++) rest -= at(k, row) * (x[k] ?? 0);
    x[row] = rest / at(row, row);
  }
  return x;
}
