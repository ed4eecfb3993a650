//! AWS Application Load Balancer. Sources: the API's own documentation in botocore 1.44.5, elbv2 (idle_timeout.timeout_seconds 60, 1 to
//! 4000; stickiness; ProtocolVersion); Elastic Load Balancing guide, sticky-sessions (AWSALB, and AWSALBCORS with SameSite=None).

use super::gateway::{Gateway, Limit, Need, Of, PASSES, Platform, Setting};
use crate::english;
use crate::t;

pub const PLATFORM: Platform = Platform {
    gateway: Gateway::AwsAlb,
    name: "AWS Application Load Balancer",
    hosts: &[".elb.amazonaws.com"],
    signs: &[("server", "awselb")],
    affinity_cookies: &["AWSALB", "AWSALBCORS"],
    idle: &[Limit { seconds: 60, of: Of::Both, what: english!("AWS ALB's idle_timeout (60 s)") }],
    lifetime: &[],
    settings: &[
        Setting { needs: &[Need::Websockets], place: PASSES, code: "" },
        Setting {
            needs: &[Need::Sticky],
            place: t!("for ARN that of the target group:"),
            code: "aws elbv2 modify-target-group-attributes --target-group-arn ARN --attributes Key=stickiness.enabled,Value=true Key=stickiness.type,Value=lb_cookie",
        },
        Setting {
            needs: &[Need::Idle, Need::LongPoll],
            place: t!("60 s where nothing is set; for ARN that of the load balancer:"),
            code: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn ARN --attributes Key=idle_timeout.timeout_seconds,Value=3600",
        },
        Setting {
            needs: &[Need::Grpc],
            place: t!("gRPC-web needs nothing. Native gRPC wants an HTTPS listener and a target group of its own:"),
            code: "aws elbv2 create-target-group --name grpc --protocol HTTP --protocol-version GRPC --port 50051 --vpc-id VPC",
        },
    ],
};
