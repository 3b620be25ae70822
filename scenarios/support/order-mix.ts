import { numeric, optional, setting } from './env.ts';
import { parseKeys, parseSizes, remembered } from './distributions.ts';
import { type As, type Line, type OrderPlatform, platformsFromEnv } from './order-platform.ts';
import { writeKey } from './ledger.ts';
import { below, weighted } from './random.ts';
import { MOST_SEEDED, seedAccounts } from './seed-accounts.ts';
import { random } from './vu-random.ts';

/**
 * What a client of the order platform does. Shared by the scenarios: they differ in the shape of their load and in their
 * data, not in their clients.
 *
 *   CUSTOMERS, SKUS   how many different ones there are (1000, 5000)
 *   KEYS, ACCOUNTS    which goods and which customers are asked for: uniform, zipf:1.1, hot:0.2 (uniform)
 *   PAYLOAD           lines of a quote: fixed:3, uniform:1-5, pareto:1.2,1-100 (uniform:1-5)
 *   MIX               weights, for example "quote=50,order=15,append=15,read=18,list=2" (that)
 *   TENANTS           how many tenants the clients belong to (0: none says which)
 *   TENANT_SKEW       how the clients are spread over them: as KEYS (uniform)
 *   SEED_ACCOUNTS     customers that get a ledger entry before the load starts (0)
 *
 * KEYS, ACCOUNTS, PAYLOAD and TENANT_SKEW may differ by phase.
 */
export interface OrderMix {
  /** One client doing one thing. */
  iteration(): Promise<void> | void;
  /** One quote, whatever MIX says. */
  quote(as?: As): boolean;
  /** For the scenario to export as its `setup`: what has to be there before the load. */
  seed(): void;
}

export interface MixDefaults {
  /** MIX and PAYLOAD where the environment has none. */
  readonly mix?: string;
  readonly payload?: string;
  /** A user's own goods; default: sku-0, sku-1, … */
  readonly skus?: readonly string[];
  /** Added to every operation's name. */
  readonly suffix?: string;
}

type Kind = 'quote' | 'order' | 'append' | 'read' | 'list';
const KINDS: readonly string[] = ['quote', 'order', 'append', 'read', 'list'];
const DEFAULT_MIX = 'quote=50,order=15,append=15,read=18,list=2';
const REMEMBERED_ENTRIES = 50;
const LISTED_ENTRIES = 20;
const MOST_LINES = 100;

export function orderMix(platform: () => OrderPlatform = platformsFromEnv(), defaults: MixDefaults = {}): OrderMix {
  const { suffix = '' } = defaults;
  const accountsToSeed = numeric('SEED_ACCOUNTS', 0, 0, MOST_SEEDED);
  const customers = numeric('CUSTOMERS', 1_000, 1, 10_000_000);
  const skus = defaults.skus?.length ?? numeric('SKUS', 5_000, 1, 10_000_000);
  const skuOf = (index: number) => defaults.skus?.[index] ?? `sku-${index}`;
  const tenants = numeric('TENANTS', 0, 0, 1_000_000);
  const tenantsBy = remembered((text) => parseKeys(text, tenants));
  const as = (name: string): As => ({
    name: `${name}${suffix}`,
    ...(tenants === 0 ? {} : { tenant: `tenant-${1 + tenantsBy(setting('TENANT_SKEW', 'uniform'))(random)}` }),
  });
  const pick = weighted(parseMix(optional('MIX', defaults.mix ?? DEFAULT_MIX)));
  const keys = remembered((text) => parseKeys(text, skus));
  const accounts = remembered((text) => parseKeys(text, customers));
  const sizes = remembered((text) => parseSizes(text, MOST_LINES));
  // What is wrong ends the run in the init stage, not each iteration.
  keys(optional('KEYS', 'uniform'));
  accounts(optional('ACCOUNTS', 'uniform'));
  tenantsBy(optional('TENANT_SKEW', 'uniform'));
  sizes(optional('PAYLOAD', defaults.payload ?? 'uniform:1-5'));
  const entries: string[] = [];

  const customer = () => `customer-${accounts(setting('ACCOUNTS', 'uniform'))(random)}`;
  /** Few of them large: a basket's usual shape. */
  const lines = (): Line[] => {
    const key = keys(setting('KEYS', 'uniform'));
    return Array.from({ length: sizes(setting('PAYLOAD', defaults.payload ?? 'uniform:1-5'))(random) }, () => ({
      sku: skuOf(key(random)),
      quantity: random() < 0.9 ? 1 + below(9, random) : 10 + below(200, random),
    }));
  };

  function append(over: OrderPlatform): void {
    const id = over.appendEntry(writeKey('entry'), customer(), 1 + below(100_000, random), as('ledger-append'));
    if (id === undefined) return;
    if (entries.length < REMEMBERED_ENTRIES) entries.push(id);
    else entries[below(REMEMBERED_ENTRIES, random)] = id;
  }

  /** Reads back an entry that this virtual user has written; until there is one, it writes. */
  function read(over: OrderPlatform): void {
    const id = entries[below(entries.length, random)];
    if (id === undefined) append(over);
    else over.getEntry(id, as('ledger-get'));
  }

  return {
    iteration() {
      const over = platform();
      const kind = pick(random);
      switch (kind) {
        case 'quote':
          return void over.quote(customer(), lines(), as('quote'));
        case 'order':
          return void over.placeOrder(writeKey('order'), customer(), lines(), as('order-place'));
        case 'append':
          return append(over);
        case 'read':
          return read(over);
        case 'list':
          return over.listEntries(customer(), LISTED_ENTRIES, as('ledger-list')).then(() => undefined);
        default:
          return kind satisfies never;
      }
    },
    quote: (named = as('quote')) => platform().quote(customer(), lines(), named),
    seed() {
      if (accountsToSeed === 0) return;
      const seeded = seedAccounts(platform, accountsToSeed);
      if (seeded < accountsToSeed) console.warn(`only ${seeded} of ${accountsToSeed} accounts could be seeded`);
    },
  };
}

/** "quote=50,read=50" → weights; throws with what is allowed. */
export function parseMix(text: string): Readonly<Record<Kind, number>> {
  const weights: Record<Kind, number> = { quote: 0, order: 0, append: 0, read: 0, list: 0 };
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.trim().split('=');
    const weight = value === '' ? Number.NaN : Number(value);
    if (!KINDS.includes(name) || !(weight >= 0)) {
      throw new Error(`MIX=${text}: "${part}" must be like quote=50, with one of ${KINDS.join(', ')}`);
    }
    weights[name as Kind] = weight;
  }
  if (Object.values(weights).every((weight) => weight === 0)) throw new Error(`MIX=${text}: all weights are 0`);
  return weights;
}
