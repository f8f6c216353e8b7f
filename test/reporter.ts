/** Mocha's spec reporter, and one last line that a person or a build server can read at a glance. */
import Mocha from 'mocha';

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes = 0, failures = 0, pending = 0 } = runner.stats ?? {};
      process.on('exit', () => console.log(`${passes} passed, ${failures} failed, ${pending} skipped`));
    });
  }
}
