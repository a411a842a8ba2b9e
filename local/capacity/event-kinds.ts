/** What the events of the heap are. */
export const event = {
  /** The next file lands. */
  arrival: 0,
  /** A thread's own: a pause is over, a call has its answer. */
  wake: 1,
  runEnds: 2,
  /** A dispatcher's call begins, is over, or tries StartExecution again. */
  invoke: 3,
  startExecution: 4,
  /** The window of a batch of messages is over. */
  batchCloses: 5,
  /** A function that reads a queue is done with its batch. */
  batchDone: 6,
  /** An execution that waited for its place may start. */
  launch: 7,
  /** The recorder has seen the end of an execution. */
  recorded: 8,
  /** A function called by a state machine is done. */
  functionDone: 9,
  /** A batch of messages is full, or is handed over once more. */
  batchFull: 10,
} as const;
