import { type ReadinessProbe, describeFailure } from './probe.ts';

/** Ready when GET answers 2xx. Redirects are not followed: they come from something else than a health check. */
export function httpReadiness(url: string): ReadinessProbe {
  return {
    title: `GET ${url}`,
    async ask(signal) {
      try {
        const response = await fetch(url, { signal, redirect: 'manual', headers: { 'user-agent': 'cutover' } });
        const body = (await response.text()).trim().slice(0, 200);
        return { ready: response.ok, text: `HTTP ${response.status}${body === '' ? '' : ` ${body}`}` };
      } catch (error) {
        return { ready: false, text: signal.aborted ? 'no answer' : describeFailure(error) };
      }
    },
  };
}
