/** A server under test as a process of its own, started and stopped over IPC. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Prefetch templates as discovery gives them. */
export interface Discovery {
  readonly services: readonly { readonly id: string; readonly prefetch: Readonly<Record<string, string>> }[];
}

/** What the floor must do as well, so that both do the same work. */
export interface Work {
  /** Models that are asked for one row each; the first is explained. */
  readonly models: readonly string[];
  /** Rows of the explanation's batch. */
  readonly rows: number;
  /** The one output tensor that the batch is asked for. */
  readonly output: string;
  /** Bytes of a sealed decision record. */
  readonly recordBytes: number;
  /** Bytes of an answer. */
  readonly answerBytes: number;
}

export interface Server {
  readonly url: string;
  readonly pid: number;
  /** Asks over IPC; the first message that comes is the answer. */
  ask(question: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Resolves when the process has said on which port it listens. @throws Error when it ends before */
export async function startServer(file: 'subject' | 'floor', argument?: Work): Promise<Server> {
  const path = fileURLToPath(new URL(`./${file}.ts`, import.meta.url));
  const child = fork(path, argument === undefined ? [] : [JSON.stringify(argument)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const { port } = (await nextMessage(child)) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    ask(question) {
      const answer = nextMessage(child);
      child.send(question as object);
      return answer;
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('the server under test ended'));
    child.once('exit', gone);
    child.once('message', (message) => {
      child.off('exit', gone);
      resolve(message);
    });
  });
}
