type Env = Readonly<Record<string, string | undefined>>;

/** What programs need to be found, to find their files and to write texts; and the way to the network, if it is not plain. */
const handedOn =
  /^(PATH|HOME|USER|LOGNAME|LANG|LC_.+|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|SystemRoot|https?_proxy|SSL_CERT_FILE|SSL_CERT_DIR)$/i;

/** What a script gets of the caller's environment: nothing of their accounts, tokens, Python or Java. */
export const inheritedEnvironment = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => handedOn.test(name)));
