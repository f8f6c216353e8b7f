/** The parent's side of the sandbox: starts the embedded EHR as a child process and passes its pages through. */
import { fork } from 'node:child_process';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

export interface SandboxChild {
  readonly port: number;
  /** Passes one request to the sandbox and its answer back, byte for byte. */
  pass(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void;
  close(): void;
}

export interface SandboxOptions {
  /** Address under which the browser sees the sandbox. */
  readonly origin: string;
  /** Fixed "now", if there is one: the personas are dated relative to it. */
  readonly clock: Date | undefined;
}

/** Resolves when the sandbox listens. Rejects when it ends before that. */
export function startSandbox({ origin, clock }: SandboxOptions): Promise<SandboxChild> {
  const child = fork(new URL('./main.ts', import.meta.url), {
    env: {
      ...process.env,
      PUBLIC_ORIGIN: origin,
      ...(clock === undefined ? {} : { CLOCK: clock.toISOString() }),
    },
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}`)));
    child.once('message', (message: { port: number }) =>
      resolve({ port: message.port, pass: passTo(message.port), close: () => void child.kill() }),
    );
  });
}

function passTo(port: number): SandboxChild['pass'] {
  return (req, res, next) => {
    const { method, url: path, headers } = req;
    const onward = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', next);
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  };
}
