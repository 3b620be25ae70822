export interface ProvisionIncident {
  /** A service's name, or "toxiproxy". */
  readonly source: string;
  readonly message: string;
}

/** Hands incidents to whoever listens; a listener that comes late is told what it missed. */
export interface IncidentLog {
  report(incident: ProvisionIncident): void;
  listen(listener: (incident: ProvisionIncident) => void): void;
}

export function incidentLog(): IncidentLog {
  const incidents: ProvisionIncident[] = [];
  const listeners: ((incident: ProvisionIncident) => void)[] = [];
  return {
    report(incident) {
      incidents.push(incident);
      for (const listener of listeners) listener(incident);
    },
    listen(listener) {
      listeners.push(listener);
      for (const incident of incidents) listener(incident);
    },
  };
}
