// What Prometheus and Loki say of their build: the shape is the same.

/** Data of `status/buildinfo`; `version` is that of the program whose API this is. */
export const buildInformation = (version: string) => ({
  version,
  revision: '',
  branch: '',
  buildUser: 'stepwell',
  buildDate: '',
  goVersion: '',
})
