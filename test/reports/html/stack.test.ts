import { expect, test } from 'vitest';
import { stackPaths } from '../../../reports/html/charts/stack.ts';

const EDGES = [0, 0.25, 0.5, 0.75, 1];

test('layers stand on one another, equal neighbours are one step, empty bars end an outline', () => {
  expect(
    stackPaths(
      [
        [2, 2, 0, 1],
        [0, 2, 1, 0],
        [0, 0, 0, 0],
      ],
      EDGES,
      4,
    ),
  ).toEqual(['M0 1000V500H500V1000H0ZM750 1000V750H1000V1000H750Z', 'M250 500V0H500V750H750V1000H500V500H250Z', '']);
});

test('a layer with fewer bars than there are is empty in the rest', () => {
  expect(stackPaths([[1]], EDGES, 1)).toEqual(['M0 1000V0H250V1000H0Z']);
});
