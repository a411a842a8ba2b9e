import { expect } from "chai";
import { awsSettings } from "../../../cli/deployed/aws-settings.ts";
import { CloudError, createClients, explainCall, isUnreachable, placeOf } from "../../../cli/deployed/clients.ts";
import { DeploymentError, noSuchStack, pipelineOutputs, type Deployment } from "../../../cli/deployed/deployment.ts";

describe("awsSettings", () => {
  it("reads where an emulator is and as whom to speak to it", () => {
    const settings = awsSettings({
      "aws:region": "us-east-1",
      "aws:accessKey": "test",
      "aws:secretKey": "secret",
      "aws:s3UsePathStyle": "true",
      "aws:endpoints": '[{"s3":"http://localhost:4566","sfn":"http://localhost:4567"}]',
      "glue-pipeline:mode": "simulated",
    });
    expect(settings).to.deep.equal({
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "secret" },
      endpoints: { s3: "http://localhost:4566", sfn: "http://localhost:4567" },
      usesPathStyle: true,
    });
    expect(placeOf(settings)).to.equal("http://localhost:4566");
  });

  it("leaves to the SDK what the stack leaves to AWS's own settings", () => {
    expect(awsSettings({})).to.deep.equal({ endpoints: {}, usesPathStyle: false });
    expect(awsSettings({ "aws:accessKey": "without its secret" })).not.to.have.property("credentials");
    const settings = awsSettings({ "aws:region": "eu-central-1", "aws:profile": "prod", "aws:token": "t" });
    expect(settings).to.deep.include({ profile: "prod", endpoints: {} });
    expect(placeOf(settings)).to.equal("AWS eu-central-1");
  });

  it("takes the region from what is deployed where the config has none", () => {
    const arn = "arn:aws:states:eu-west-1:000000000000:stateMachine:m";
    expect(awsSettings({}, arn)).to.have.property("region", "eu-west-1");
    expect(awsSettings({ "aws:region": "us-east-1" }, arn)).to.have.property("region", "us-east-1");
  });

  it("takes a session token, one object of endpoints, and sees a role", () => {
    expect(
      awsSettings({
        "aws:accessKey": "a",
        "aws:secretKey": "b",
        "aws:token": "c",
        "aws:endpoints": '{"s3":"http://localhost:1","sqs":""}',
        "aws:assumeRoles": '[{"roleArn":"arn:aws:iam::1:role/deploy"}]',
      }),
    ).to.deep.equal({
      credentials: { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c" },
      endpoints: { s3: "http://localhost:1" },
      usesPathStyle: false,
      assumedRole: "arn:aws:iam::1:role/deploy",
    });
    expect(awsSettings({ "aws:assumeRole": '{"roleArn":"arn:r"}' }).assumedRole).to.equal("arn:r");
  });
});

describe("createClients", () => {
  it("sends each service's calls where the stack's provider sends them", async () => {
    const { s3, stepFunctions, sqs } = createClients(
      awsSettings({
        "aws:region": "us-east-1",
        "aws:s3UsePathStyle": "true",
        "aws:endpoints": '[{"s3":"http://localhost:1","sfn":"http://localhost:2","sqs":"http://localhost:3"}]',
      }),
    );
    const ports = await Promise.all(
      [s3, stepFunctions, sqs].map(async ({ config }) => (await config.endpoint?.())?.port),
    );
    expect(ports).to.deep.equal([1, 2, 3]);
    expect(s3.config.forcePathStyle).to.equal(true);
  });
});

describe("pipelineOutputs", () => {
  const all = {
    landingBucket: "l",
    outputBucket: "o",
    stateMachineArn: "arn",
    dispatcherName: "d",
    failureQueueUrl: "http://q",
  };

  it("picks what the commands need", () => {
    expect(pipelineOutputs("local", { ...all, ledgerTable: null, unknown: "x" })).to.deep.equal(all);
    const queues = { arrivalQueueUrl: "http://a", outcomeQueueUrl: "http://b" };
    const queued = { ...all, resultsTopicArn: "t", jobName: "j", ledgerTable: "l", ...queues };
    expect(pipelineOutputs("local", queued)).to.deep.equal(queued);
  });

  it("names all that is missing at once, and tells it from a stack that is not deployed", () => {
    expect(() => pipelineOutputs("local", { ...all, outputBucket: 1, dispatcherName: undefined })).to.throw(
      DeploymentError,
      "stack local does not export outputBucket, dispatcherName",
    );
    expect(() => pipelineOutputs("local", {})).to.throw(DeploymentError, 'deploy it with "pulumi up -s local"');
  });

  it("says how to follow files of a stack that has no state machine", () => {
    const outputs = { ...all, landingPrefix: "in/", stateMachineArn: null, ledgerTable: "csv-ledger" };
    expect(() => pipelineOutputs("prod", outputs)).to.throw(
      DeploymentError,
      /^stack prod dispatches files directly, .*"aws s3 cp FILE s3:\/\/l\/in\/"; "aws dynamodb scan --table-name csv-ledger"/,
    );
  });
});

describe("noSuchStack", () => {
  it("says which stacks there are, or which one was meant", () => {
    expect(noSuchStack("prdo", ["local", "prod"])).to.match(/"prdo".*did you mean prod\?$/);
    expect(noSuchStack("other", ["local", "prod"])).to.match(/there are local, prod$/);
    expect(noSuchStack("local", [])).to.include('"pulumi up -s local" creates it');
  });
});

describe("explainCall", () => {
  const deployment = (endpoints: Readonly<Record<string, string>>): Deployment => ({
    project: "p",
    stack: "local",
    mode: "simulated",
    outputs: { landingBucket: "", outputBucket: "", stateMachineArn: "", dispatcherName: "", failureQueueUrl: "" },
    config: {},
    aws: { region: "us-east-1", endpoints, usesPathStyle: true },
  });
  const emulated = deployment({ s3: "http://localhost:4566" });
  const named = (name: string, more: object = {}): Error => Object.assign(new Error("what it said"), { name }, more);

  const said = (error: Error, at: Deployment): string => {
    const explained = explainCall(error, at);
    expect(explained).to.be.instanceOf(CloudError);
    return explained instanceof Error ? explained.message : "";
  };

  it("names the emulator that does not answer, and how to start one", () => {
    const refused = named("Error", { code: "ECONNREFUSED" });
    expect(isUnreachable(refused)).to.equal(true);
    expect(said(refused, emulated)).to.match(/^nothing answers at http:\/\/localhost:4566, .*"npm run emulator"/);
    expect(said(refused, deployment({}))).to.equal("nothing answers at AWS us-east-1, where stack local is deployed");
  });

  it("says what to do when the cloud has forgotten the stack, and when there are no credentials", () => {
    expect(said(named("NoSuchBucket"), emulated)).to.match(/is gone .*forgotten it\): "pulumi refresh -s local"/);
    expect(said(named("StateMachineDoesNotExist"), deployment({}))).not.to.include("emulator");
    expect(said(named("CredentialsProviderError"), deployment({}))).to.include("set AWS_PROFILE");
  });

  it("passes on what AWS says, and leaves errors of our own alone", () => {
    expect(said(named("AccessDenied", { $metadata: {} }), emulated)).to.equal("AccessDenied: what it said");
    const own = new TypeError("x");
    expect(explainCall(own, emulated)).to.equal(own);
    expect(explainCall("text", emulated)).to.equal("text");
  });
});
