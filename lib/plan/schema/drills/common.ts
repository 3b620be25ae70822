import { nameSchema, ratePerSecondSchema } from '../quantities.ts';

/** What drills of every kind have. */
export const common = {
  /** Default: the kind; must be unique in the experiment. */
  name: nameSchema.optional(),
  /** Arrivals of the load while it lasts; default: as at the end of the last phase. */
  rate: ratePerSecondSchema.optional(),
};
