import { expect } from "chai";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { definitionOf, graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

const networkTypes = ["ec2/", "vpc/", "awsx:", "connection:"];
const ofNetwork = (graph: ResourceGraph): readonly string[] =>
  graph.resources
    .filter(({ type }) => networkTypes.some((part) => type.includes(part)))
    .map(({ type, name }) => `${type.slice(type.lastIndexOf(":") + 1)} ${name}`)
    .sort();

const subnetIds = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];

const connectionsOf = (graph: ResourceGraph): readonly unknown[] =>
  resourcesOf(graph, "aws:glue/connection:Connection").map(
    ({ properties }) => properties.physicalConnectionRequirements,
  );

const jobConnections = (graph: ResourceGraph): unknown =>
  resourceOf(graph, "aws:glue/job:Job", "csv-job").properties.connections;

describe("The network", () => {
  it("is Glue's own unless asked for: nothing is created, and the job has no connections", async () => {
    const graph = await graphOf("prod");
    expect(ofNetwork(graph)).to.deep.equal([]);
    expect(jobConnections(graph)).to.equal(undefined);
  });

  it("that is created has private subnets, endpoints, a group that lets its members in, and connections", async () => {
    const graph = await graphOf("prod", { network: "create" });
    expect(ofNetwork(graph)).to.deep.equal([
      "Connection csv-network-1",
      "Connection csv-network-2",
      "SecurityGroup csv-network",
      "SecurityGroupEgressRule csv-network",
      "SecurityGroupEgressRule csv-network-dynamodb",
      "SecurityGroupEgressRule csv-network-s3",
      "SecurityGroupIngressRule csv-network",
      "Vpc csv-network",
      "VpcEndpoint csv-network-dynamodb",
      "VpcEndpoint csv-network-glue",
      "VpcEndpoint csv-network-kms",
      "VpcEndpoint csv-network-logs",
      "VpcEndpoint csv-network-monitoring",
      "VpcEndpoint csv-network-s3",
      "VpcEndpoint csv-network-sts",
    ]);
    const vpc = resourceOf(graph, "awsx:ec2:Vpc", "csv-network").properties;
    expect(vpc).to.deep.include({
      cidrBlock: "10.0.0.0/16",
      numberOfAvailabilityZones: 2,
      natGateways: { strategy: "None" },
      subnetSpecs: [{ type: "Private" }],
    });
    const group = resourceOf(graph, "aws:ec2/securityGroup:SecurityGroup", "csv-network");
    expect(connectionsOf(graph)).to.deep.equal(
      (vpc.privateSubnetIds as string[]).map((subnetId) => ({
        subnetId,
        availabilityZone: "us-east-1a",
        securityGroupIdLists: [group.id],
      })),
    );
    expect(jobConnections(graph)).to.deep.equal(
      resourcesOf(graph, "aws:glue/connection:Connection").map(({ properties }) => properties.name),
    );
  });

  it("that is created lets members of its group reach each other on all TCP ports, and S3 and DynamoDB besides", async () => {
    const graph = await graphOf("prod", { network: "create" });
    const { id } = resourceOf(graph, "aws:ec2/securityGroup:SecurityGroup", "csv-network");
    const among = {
      securityGroupId: id,
      referencedSecurityGroupId: id,
      ipProtocol: "tcp",
      fromPort: 0,
      toPort: 65_535,
    };
    const [ingress, ...noOther] = resourcesOf(graph, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    expect(ingress?.properties).to.include(among);
    expect(noOther).to.deep.equal([]);
    const [own, ...services] = resourcesOf(graph, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule");
    expect(own?.properties).to.include(among);
    expect(services.map(({ properties }) => properties.prefixListId)).to.deep.equal(
      ["dynamodb", "s3"].map(
        (service) =>
          resourceOf(graph, "aws:ec2/vpcEndpoint:VpcEndpoint", `csv-network-${service}`).properties.prefixListId,
      ),
    );
    const gateways = resourcesOf(graph, "aws:ec2/vpcEndpoint:VpcEndpoint").filter(
      ({ properties }) => properties.vpcEndpointType === "Gateway",
    );
    expect(gateways.map(({ properties }) => (properties.routeTableIds as string[]).length)).to.deep.equal([2, 2]);
  });

  it("that is created has a way to the internet where it is asked for", async () => {
    const graph = await graphOf("prod", {
      network: "create",
      vpcInternetAccess: "true",
      vpcEndpoints: '["secretsmanager"]',
      vpcCidr: "172.20.0.0/20",
    });
    expect(resourceOf(graph, "awsx:ec2:Vpc", "csv-network").properties).to.deep.include({
      cidrBlock: "172.20.0.0/20",
      natGateways: { strategy: "Single" },
      subnetSpecs: [{ type: "Private" }, { type: "Public" }],
    });
    const names = ofNetwork(graph);
    expect(names).to.include("SecurityGroupEgressRule csv-network-internet");
    expect(names.filter((name) => name.startsWith("VpcEndpoint"))).to.deep.equal([
      "VpcEndpoint csv-network-dynamodb",
      "VpcEndpoint csv-network-s3",
      "VpcEndpoint csv-network-secretsmanager",
    ]);
  });

  it("that exists gets a group and a connection for each subnet", async () => {
    const graph = await graphOf("prod", {
      network: "existing",
      vpcId: "vpc-0123456789abcdef0",
      subnetIds: JSON.stringify(subnetIds),
    });
    expect(ofNetwork(graph)).to.deep.equal([
      "Connection csv-network-1",
      "Connection csv-network-2",
      "SecurityGroup csv-network",
      "SecurityGroupEgressRule csv-network",
      "SecurityGroupEgressRule csv-network-out",
      "SecurityGroupIngressRule csv-network",
    ]);
    expect(connectionsOf(graph)).to.have.length(2);
  });

  it("that exists with its groups gets connections alone", async () => {
    const graph = await graphOf("prod", {
      network: "existing",
      subnetIds: JSON.stringify(subnetIds),
      securityGroupIds: '["sg-0123456789abcdef0"]',
    });
    expect(ofNetwork(graph)).to.deep.equal(["Connection csv-network-1", "Connection csv-network-2"]);
    expect(connectionsOf(graph)).to.deep.equal(
      subnetIds.map((subnetId) => ({
        subnetId,
        availabilityZone: "us-east-1a",
        securityGroupIdLists: ["sg-0123456789abcdef0"],
      })),
    );
  });

  it("is not made for simulated jobs", async () => {
    expect(ofNetwork(await graphOf("local", { network: "create" }))).to.deep.equal([]);
  });

  it("changes nothing in the definition", async () => {
    const plain = definitionOf(await graphOf("prod", { security: "false" }));
    expect(definitionOf(await graphOf("prod", { network: "create" }))).to.deep.equal(plain);
  });
});
