import { CutoverError, EXIT } from '../errors.ts';

/** A scenario that cannot be bundled or that k6 refuses: the experiment is wrong, not the machine. Exit 2. */
export class ScenarioError extends CutoverError {
  readonly code = 'invalid-scenario';
  readonly exitCode = EXIT.usage;
}
