/** Nodes and weights of a quadrature on 0 to 1. */
export interface Quadrature {
  /** Ascending. */
  readonly nodes: Float64Array;
  /** They add up to 1. */
  readonly weights: Float64Array;
}

export const maxNodes = 256;

/** Newton's method doubles the digits each time: after these no bit changes any more. */
const newtonSteps = 8;

/**
 * Gauss–Legendre quadrature, exact for polynomials up to degree 2n − 1: the roots of the Legendre polynomial, by
 * Newton's method (Press et al., Numerical Recipes, section 4.6).
 * @param count 1 to {@link maxNodes}
 */
export function gaussLegendre(count: number): Quadrature {
  const [nodes, weights] = [new Float64Array(count), new Float64Array(count)];
  for (let at = 0; at < count; at++) {
    let root = -Math.cos((Math.PI * (at + 0.75)) / (count + 0.5));
    for (let step = 0; step < newtonSteps; step++) {
      const { value, slope } = legendre(count, root);
      root -= value / slope;
    }
    nodes[at] = (1 + root) / 2;
    weights[at] = 1 / ((1 - root * root) * legendre(count, root).slope ** 2);
  }
  return { nodes, weights };
}

/** The Legendre polynomial of a degree and its derivative, inside −1 to 1. */
function legendre(degree: number, x: number): { readonly value: number; readonly slope: number } {
  let [before, value] = [1, x];
  for (let n = 2; n <= degree; n++)
    [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) };
}
