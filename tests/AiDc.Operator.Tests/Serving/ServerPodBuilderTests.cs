using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Builders;
using k8s.Models;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class ServerPodBuilderTests
{
    [Test]
    public void The_built_in_server_is_told_all_of_the_spec()
    {
        var pod = Build(s => s with
        {
            Model = new() { Uri = "s3://bucket/m.pt", Format = "torchscript", Name = "net", Sha256 = new string('A', 64), SecretRef = new() { Name = "keys" }, Inputs = [new() { Name = "x", Shape = [-1, 1, 28, 28] }] },
            Batching = new() { MaxSize = 16, MaxLatency = "2ms" },
            Limits = new() { Concurrency = 7, Queue = 9, Timeout = "2m" },
            RequestLog = new() { SampleRate = 0.5, Payloads = true },
        });

        var server = pod.Spec.Containers.Single();
        Assert.That(string.Join(' ', server.Args), Is.EqualTo(
            $"serve --model s3://bucket/m.pt --format torchscript --name net --sha256 {new string('a', 64)} --input x:FP32:-1,1,28,28 --cache /cache "
            + "--http-port 8080 --grpc-port 8081 --max-batch 16 --max-batch-latency 2ms --concurrency 7 --queue 9 --timeout 120000ms --request-log-rate 0.5 --request-log-payloads"));
        Assert.That(server.Image, Is.EqualTo("registry/aidc-trainer:1"));
        Assert.That(server.Env.Select(e => e.Name), Does.Contain("AWS_SECRET_ACCESS_KEY"));
        Assert.That(pod.Metadata.Annotations[Annotations.MaxConcurrency], Is.EqualTo("7"));
        Assert.That(pod.Spec.TerminationGracePeriodSeconds, Is.EqualTo(130), "a request may take two minutes");
    }

    [TestCase("pvc://models/mnist/model", "aidc", "/model", "mnist/model")]
    [TestCase("pvc://models/nets/a.onnx", "onnx", "/model/a.onnx", "nets")]
    [TestCase("pvc://models/a.onnx", "onnx", "/model/a.onnx", null)]
    public void A_model_in_a_volume_is_mounted_read_only_and_not_copied(string uri, string format, string path, string? folder)
    {
        var pod = Build(s => s with { Model = new() { Uri = uri, Format = format } });

        var server = pod.Spec.Containers.Single();
        var mount = server.VolumeMounts.Single(m => m.MountPath == "/model");
        Assert.That(server.Args[server.Args.IndexOf("--model") + 1], Is.EqualTo(path));
        Assert.That((mount.ReadOnlyProperty, mount.SubPath), Is.EqualTo((true, folder)));
        Assert.That(server.Args, Does.Not.Contain("--cache"));
    }

    [Test]
    public void A_folder_of_the_node_is_a_path_in_the_folder_that_is_allowed_which_has_to_be_there()
    {
        var pod = Build(s => s with { Model = new() { Uri = "hostpath:///srv/aidc/mnist/model" } });

        Assert.That(pod.Spec.Volumes.Single(v => v.HostPath is not null).HostPath, Has.Property("Path").EqualTo("/srv/aidc").And.Property("Type").EqualTo("Directory"));
        Assert.That(pod.Spec.Containers.Single().VolumeMounts.Single(m => m.MountPath == "/model").SubPath, Is.EqualTo("mnist/model"));
    }

    [Test]
    public void Replicas_of_a_namespace_share_the_nodes_cache_where_there_is_one()
    {
        var pod = Build(s => s with { Model = new() { Uri = "https://host/m.onnx", Format = "onnx" } }, Scene.Options with { ModelCachePath = "/var/lib/models" });

        var mount = pod.Spec.Containers[0].VolumeMounts.Single(m => m.MountPath == "/cache");
        Assert.That(mount.SubPath, Is.EqualTo("team"));
        Assert.That(pod.Spec.Volumes.Single(v => v.Name == mount.Name).HostPath.Path, Is.EqualTo("/var/lib/models"));
    }

    [Test]
    public void Pods_are_spread_over_nodes_and_leave_a_lost_one_soon()
    {
        var pod = Build();

        Assert.That(pod.Spec.TopologySpreadConstraints.Single(), Has.Property("TopologyKey").EqualTo("kubernetes.io/hostname").And.Property("WhenUnsatisfiable").EqualTo("ScheduleAnyway"));
        Assert.That(pod.Spec.Tolerations.Select(t => (t.Key, t.TolerationSeconds)), Is.EquivalentTo(new[] { ("node.kubernetes.io/unreachable", (long?)10), ("node.kubernetes.io/not-ready", 10) }));
        Assert.That(pod.Spec.TerminationGracePeriodSeconds, Is.EqualTo(60));
        Assert.That(pod.Spec.AutomountServiceAccountToken, Is.False);
    }

    [Test]
    public void The_server_has_time_to_load_and_is_ready_only_then()
    {
        var server = Build().Spec.Containers.Single();

        Assert.That((server.ReadinessProbe.HttpGet.Path, server.LivenessProbe.HttpGet.Path), Is.EqualTo(("/v2/health/ready", "/v2/health/live")));
        Assert.That(server.StartupProbe.FailureThreshold * server.StartupProbe.PeriodSeconds, Is.GreaterThanOrEqualTo(600));
        Assert.That(server.TerminationMessagePolicy, Is.EqualTo("FallbackToLogsOnError"));
    }

    [Test]
    public void A_gateway_is_told_where_to_dial()
    {
        var annotations = Build().Metadata.Annotations;

        Assert.That((annotations[Annotations.HttpPort], annotations[Annotations.GrpcPort], annotations[Annotations.ProbePath], annotations[Annotations.MaxConcurrency]),
            Is.EqualTo(("8080", "8081", "/v2/health/ready", "64")));
    }

    [Test]
    public void A_server_of_ones_own_keeps_its_command_and_gets_labels_and_ports()
    {
        var pod = Build(s => s with { Model = new() { Uri = "pvc://models/nets/a.bin" }, Template = Own("/healthy") });

        var server = pod.Spec.Containers.Single();
        Assert.That((server.Image, server.Args, server.SecurityContext), Is.EqualTo(("own:1", (IList<string>?)null, (V1SecurityContext?)null)));
        Assert.That(server.Env.Single(e => e.Name == "AIDC_MODEL_URI").Value, Is.EqualTo("/model"));
        Assert.That((pod.Metadata.Annotations[Annotations.HttpPort], pod.Metadata.Annotations[Annotations.ProbePath]), Is.EqualTo(("9000", "/healthy")));
        Assert.That(pod.Metadata.Annotations, Does.Not.ContainKey(Annotations.GrpcPort));
        Assert.That(pod.Metadata.Labels[Labels.InferenceService], Is.EqualTo("digits"));
    }

    [Test]
    public void A_server_without_a_readiness_of_its_own_is_only_connected_to()
    {
        var pod = Build(s => s with { Model = null, Template = Own(null) });

        Assert.That(pod.Metadata.Annotations, Does.Not.ContainKey(Annotations.ProbePath));
        Assert.That(pod.Spec.Containers.Single().Env, Is.Null);
    }

    [Test]
    public void What_the_template_adds_to_the_built_in_server_stays()
    {
        var template = PodTemplate.From(new()
        {
            Metadata = new() { Labels = new Dictionary<string, string> { ["team"] = "a" } },
            Spec = new()
            {
                NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" },
                Tolerations = [new() { OperatorProperty = "Exists" }],
                Containers = [new() { Name = "side", Image = "side:1" }, new() { Name = "server", Env = [new() { Name = "OMP_NUM_THREADS", Value = "2" }] }],
            },
        });

        var pod = Build(s => s with { Template = template });

        Assert.That(pod.Spec.Containers.Select(c => (c.Name, c.Image)), Is.EqualTo(new[] { ("side", "side:1"), ("server", "registry/aidc-trainer:1") }));
        Assert.That((pod.Metadata.Labels["team"], pod.Spec.NodeSelector["disk"], pod.Spec.Tolerations.Count), Is.EqualTo(("a", "ssd", 1)));
        Assert.That(pod.Spec.Containers[1].Env.Select(e => e.Name), Does.Contain("OMP_NUM_THREADS"));
    }

    [Test]
    public void The_revision_does_not_depend_on_how_the_operator_makes_pods()
    {
        var scene = new Scene();
        var model = new ResolvedModel(scene.Service.Spec.Model!, "pvc://models/mnist/model");

        // Written down, because a new version of the operator must arrive at the same: another name would roll out every service.
        Assert.That(RevisionHash.Of(scene.Service, model), Has.Length.EqualTo(8).And.EqualTo(RevisionHash.Of(new Scene(s => s with { Scaling = new() { Min = 3 } }).Service, model)));
    }

    private static V1PodTemplateSpec Build(Func<InferenceServiceSpec, InferenceServiceSpec>? spec = null, ServingOptions? options = null)
    {
        var service = new Scene(spec).Service;
        var model = service.Spec.Model is { } asked ? new ResolvedModel(asked, asked.Uri!, asked.SecretRef?.Name) : null;
        return DeploymentBuilder.Build(service, RevisionHash.Revision(service, model), 1, options ?? Scene.Options).Spec.Template;
    }

    private static PodTemplate Own(string? readiness) => PodTemplate.From(new()
    {
        Spec = new()
        {
            Containers =
            [
                new()
                {
                    Name = "net",
                    Image = "own:1",
                    Ports = [new() { ContainerPort = 9000 }],
                    ReadinessProbe = readiness is null ? null : new() { HttpGet = new() { Path = readiness, Port = 9000 } },
                },
            ],
        },
    });
}
