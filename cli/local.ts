/** Where a local cluster serves, and so where clients look, unless they are told otherwise. */

/** The first server's port for clients; the others follow. */
export const LOCAL_PORT = 8101;
/** How many servers there are. */
export const LOCAL_SERVERS = 3;

/** Where clients reach each of `servers` servers. */
export function localUrls(servers: number, port: number): readonly string[] {
  return Array.from({ length: servers }, (_, at) => `http://127.0.0.1:${port + at}`);
}
