/** The way to the report in a folder below this file's, whatever the folder's name says. */
export function reportLink(folder: string): string {
  const segments = folder.split(/[/\\]/).filter((segment) => segment !== '' && segment !== '.');
  return [...segments.map((segment) => encodeURIComponent(segment.toWellFormed())), 'report.html'].join('/');
}
