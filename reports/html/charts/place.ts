/** Where things go in an SVG that is sized in percent. */

/** 0.12345 → "12.35%". */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 1e4) / 100}%` : '0%';
}

/** The text anchor of a label at this share of the width: at the edges it must not reach outside. */
export function anchorAt(share: number): 'start' | 'middle' | 'end' {
  if (share < 0.04) return 'start';
  return share > 0.96 ? 'end' : 'middle';
}
