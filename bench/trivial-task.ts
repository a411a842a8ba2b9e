/** The least that a task can do: nothing, told to the log or not. */
export const handler = (): Promise<object> => {
  if (process.env.TELL === "true") console.log(JSON.stringify({ level: "INFO", message: "done" }));
  return Promise.resolve({});
};
