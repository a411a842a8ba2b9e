// Pulumi loads a policy pack by require, with a TypeScript compiler of its own that knows no ES modules; tsx takes over.
require("tsx/cjs/api").register();
require("./pack.ts");
