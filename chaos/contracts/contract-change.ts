/** Something of a contract that is no longer as clients of the previous one expect it. */
export interface ContractChange {
  /** "property-required", "FIELD_NO_DELETE" */
  readonly rule: string;
  /** "POST /v1/quotes request /currency", "cutover/v1/pricing.proto:27" */
  readonly where: string;
  readonly text: string;
  /** False where it cannot be told whether it breaks anything. */
  readonly certain: boolean;
}
