#!/usr/bin/env python3
"""cloudformation.py TEMPLATE - a schema test of a CloudFormation template: TAP lines on standard output.

What the template's own words must agree on (names, conditions, order), what AWS's limits are, and what this project promises of it. The required properties are those of AWS's resource
reference. Needs PyYAML.
"""
import re, sys
import yaml

REQUIRED = {  # of the resources that may be used at all
    "AWS::EC2::VPC": ["CidrBlock"], "AWS::EC2::InternetGateway": [], "AWS::EC2::VPCGatewayAttachment": ["VpcId", "InternetGatewayId"],
    "AWS::EC2::Subnet": ["VpcId", "CidrBlock"], "AWS::EC2::RouteTable": ["VpcId"], "AWS::EC2::Route": ["RouteTableId", "DestinationCidrBlock"],
    "AWS::EC2::SubnetRouteTableAssociation": ["RouteTableId", "SubnetId"], "AWS::EC2::EIP": ["Domain"], "AWS::EC2::NatGateway": ["SubnetId", "AllocationId"],
    "AWS::EC2::SecurityGroup": ["GroupDescription", "VpcId"], "AWS::SecretsManager::Secret": [], "AWS::IAM::Role": ["AssumeRolePolicyDocument"],
    "AWS::IAM::InstanceProfile": ["Roles"], "AWS::EC2::Volume": ["AvailabilityZone", "Size"], "AWS::EC2::LaunchTemplate": ["LaunchTemplateData"],
    "AWS::EC2::Instance": ["ImageId", "InstanceType", "SubnetId", "UserData"], "AWS::EC2::VolumeAttachment": ["InstanceId", "VolumeId", "Device"],
    "AWS::CloudFormation::WaitConditionHandle": [], "AWS::CloudFormation::WaitCondition": ["Handle", "Timeout"],
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ["Subnets", "SecurityGroups"], "AWS::ElasticLoadBalancingV2::TargetGroup": ["VpcId", "Protocol", "Port"],
    "AWS::ElasticLoadBalancingV2::Listener": ["LoadBalancerArn", "Port", "Protocol", "DefaultActions"], "AWS::Route53::RecordSet": ["Name", "Type", "HostedZoneId"],
}
PSEUDO = {"AWS::StackName", "AWS::Region", "AWS::Partition", "AWS::AccountId", "AWS::NoValue", "AWS::URLSuffix"}
SECTIONS = {"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Conditions", "Rules", "Resources", "Outputs"}


class Call(dict):
    """An intrinsic function in its short form: { name: argument }."""


def construct(loader, suffix, node):
    value = {yaml.ScalarNode: loader.construct_scalar, yaml.SequenceNode: lambda n: loader.construct_sequence(n, True), yaml.MappingNode: lambda n: loader.construct_mapping(n, True)}[type(node)](node)
    return Call({suffix: value})


class Loader(yaml.SafeLoader):
    pass


Loader.add_multi_constructor("!", construct)
text = open(sys.argv[-1]).read()
template = yaml.load(text, Loader)
resources, parameters, conditions = template["Resources"], template["Parameters"], template["Conditions"]
n = bad = 0


def row(name, faults):
    global n, bad
    n += 1
    faults = list(faults) if not isinstance(faults, bool) else ([] if faults else [""])
    print("%sok - %s%s" % ("not " if faults else "", name, ": " + "|".join(map(str, faults)) if faults else ""))
    bad += bool(faults)


def walk(value):
    yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(part)


def calls(value, name):
    return [call[name] for call in walk(value) if isinstance(call, dict) and name in call and len(call) == 1]


def in_sub(value):
    for text in calls(value, "Sub") + [c for c in calls(value, "Fn::Sub")]:
        yield from (w for w in re.findall(r"\$\{([^!}][^}]*)\}", text))


def references(value):
    yield from (r for r in calls(value, "Ref") if r not in PSEUDO)
    for at in calls(value, "GetAtt"):
        yield at.split(".")[0]
    yield from (w.split(".")[0] for w in in_sub(value) if w not in PSEUDO)


row("sections", set(template) - SECTIONS)
row("every name that is used is there", {r for r in references({"r": resources, "o": template["Outputs"], "c": conditions}) if r not in resources and r not in parameters})
row("every parameter is used", {p for p in parameters if p not in set(references(template)) | set(re.findall(r"Ref': '(\w+)'", str(template)))})
used = {r["Condition"] for r in resources.values() if "Condition" in r} | {i[0] for i in calls(resources, "If")}
row("every condition is there, and used", used ^ set(conditions))
row("what must come before is there", {d for r in resources.values() for d in ([r["DependsOn"]] if isinstance(r.get("DependsOn"), str) else r.get("DependsOn", [])) if d not in resources})
row("only resources that are known here", {r["Type"] for r in resources.values()} - set(REQUIRED))
row("which have what they need", {"%s lacks %s" % (name, p) for name, r in resources.items() for p in REQUIRED.get(r["Type"], []) if p not in r.get("Properties", {})})
row("what is made on condition is asked for on that condition", {
    "%s of %s" % (r, name) for name, resource in resources.items() if "Condition" not in resource for r in calls(
        {k: v for k, v in resource.items() if not calls(v, "If")}, "Ref") if r in resources and "Condition" in resources[r]})


def no_loop():
    before = {name: {x for x in references(r) if x in resources} | ({r["DependsOn"]} if isinstance(r.get("DependsOn"), str) else set()) for name, r in resources.items()}
    while before:
        free = [name for name, needs in before.items() if not needs & set(before)]
        if not free:
            return sorted(before)
        for name in free:
            del before[name]
    return []


row("there is an order in which it can be made", no_loop())
# ---- limits (CloudFormation and EC2 quotas) ----
row("at most 51,200 bytes", len(text.encode()) <= 51200)
row("description at most 1,024 bytes", len(template["Description"].encode()) <= 1024)
row("logical names", {name for name in list(resources) + list(parameters) + list(conditions) if not re.fullmatch(r"[A-Za-z0-9]{1,255}", name)})
row("no resource has a name of its own that could be taken or too long", {name for name, r in resources.items() for k in r.get("Properties", {}) if k in ("Name", "RoleName", "LoadBalancerName", "GroupName") and r["Type"] != "AWS::Route53::RecordSet"})
groups = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::EC2::SecurityGroup"]
row("descriptions of security groups", {g["GroupDescription"] for g in groups if not re.fullmatch(r"[A-Za-z0-9. _:/()#,@\[\]+=&;{}!$*-]{1,255}", g["GroupDescription"])})
user_data = resources["Instance"]["Properties"]["UserData"]["Fn::Base64"]["Sub"]
row("user data at most 16 KiB, as it is filled in", len(user_data.encode()) + 1024 <= 16384)
row("user data is filled in nowhere but where it is meant", set(re.findall(r"\$\{[^}]*\}", user_data)) - {"${DomainName}", "${Data}", "${Password}", "${AWS::Region}", "${ReadyHandle}"})
filled = re.sub(r"\$\{[^}]*\}", "value", user_data)
row("it is a cloud-config", filled.startswith("#cloud-config\n") and set(yaml.safe_load(filled)) == {"write_files", "runcmd"})
# ---- what is promised ----
ports = [(i["FromPort"], i["ToPort"], "CidrIp" in i) for g in groups for i in g["SecurityGroupIngress"]]
row("open: 443 and 80 to the balancer, 8080 from it, no ssh", sorted(ports) == [(80, 80, True), (443, 443, True), (8080, 8080, False)])
options = resources["Template"]["Properties"]["LaunchTemplateData"]["MetadataOptions"]
row("a container does not reach the instance's role", options["HttpTokens"] == "required" and options["HttpPutResponseHopLimit"] == 1)
data = resources["Data"]
row("the data is encrypted, and stays", data["Properties"]["Encrypted"] is True and data["DeletionPolicy"] == data["UpdateReplacePolicy"] == "Retain")
row("so is the system's disk", resources["Instance"]["Properties"]["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True)
row("the instance has no public address", not [s for s in resources.values() if s["Type"] == "AWS::EC2::Subnet" and s["Properties"].get("MapPublicIpOnLaunch")])
attributes = {a["Key"]: a["Value"] for r in ("Balancer", "Targets") for k in ("LoadBalancerAttributes", "TargetGroupAttributes") for a in resources[r]["Properties"].get(k, [])}
row("idle timeout, deregistration delay", attributes["idle_timeout.timeout_seconds"] == "4000" and attributes["deregistration_delay.timeout_seconds"] == "30")
row("target check", resources["Targets"]["Properties"]["HealthCheckPath"] == "/healthz")
row("80 leads to 443", resources["Plain"]["Properties"]["DefaultActions"][0]["RedirectConfig"] == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"})
statements = [s for p in resources["Role"]["Properties"]["Policies"] for s in p["PolicyDocument"]["Statement"]]
row("the role may read its own secret, and nothing else", statements == [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": {"Ref": "Password"}}])
print("1..%d" % n)
sys.exit(bad > 0)
