/** Services whose requests cost something each. */
export type Service = "sns" | "sqs" | "s3" | "dynamodb" | "events";

/** Requests by what they cost. */
export interface Requests {
  snsPublishes: number;
  sqsRequests: number;
  s3Puts: number;
  s3Gets: number;
  dynamoDbWrites: number;
  dynamoDbReads: number;
  /** Events that the program itself puts: those of AWS services are free. */
  customEvents: number;
}

export const noRequests = (): Requests => ({
  snsPublishes: 0,
  sqsRequests: 0,
  s3Puts: 0,
  s3Gets: 0,
  dynamoDbWrites: 0,
  dynamoDbReads: 0,
  customEvents: 0,
});

/** Counts a call that a state machine makes. */
export const countRequest = (requests: Requests, service: Service): void => {
  switch (service) {
    case "sns":
      requests.snsPublishes++;
      return;
    case "sqs":
      requests.sqsRequests++;
      return;
    case "s3":
      requests.s3Puts++;
      return;
    case "dynamodb":
      requests.dynamoDbWrites++;
      return;
    case "events":
      requests.customEvents++;
      return;
  }
};
