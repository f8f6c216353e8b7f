/** An OAuth refusal (RFC 6749 §4.1.2.1, §5.2). Not a Fault of the service: the sandbox plays the EHR. */
export class OAuthError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, description: string, status = 400) {
    super(description);
    this.name = 'OAuthError';
    this.code = code;
    this.status = status;
  }
}
