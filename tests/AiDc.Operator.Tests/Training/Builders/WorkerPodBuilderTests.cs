using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Training.Builders;
using k8s.Models;

namespace AiDc.Operator.Tests.Training.Builders;

public sealed class WorkerPodBuilderTests
{
    private static readonly WorkerLink Link = new("https://10.96.0.9:8443/", "-----BEGIN CERTIFICATE-----");

    [Test]
    public void A_pod_is_known_by_its_name_its_labels_and_its_owner()
    {
        var pod = Build(Given.Job(3), index: 2, attempt: 4);

        Assert.That((pod.Metadata.Name, pod.Metadata.NamespaceProperty), Is.EqualTo(("digits-worker-2-4", "team")));
        Assert.That(pod.Metadata.Labels, Is.EquivalentTo(new Dictionary<string, string>
        {
            [Labels.Job] = "digits",
            [Labels.JobUid] = "job-uid",
            [Labels.WorkerIndex] = "2",
            [Labels.Attempt] = "4",
            [Labels.ManagedBy] = "aidc-operator",
        }));
        Assert.That(pod.Metadata.Annotations[Annotations.SpecHash], Is.EqualTo("hash"));
        var owner = pod.Metadata.OwnerReferences.Single();
        Assert.That((owner.Kind, owner.Name, owner.Uid, owner.Controller), Is.EqualTo(("TrainingJob", "digits", "job-uid", true)));
        Assert.That(pod.Spec.RestartPolicy, Is.EqualTo("Never"));
    }

    [Test]
    public void Every_container_that_fails_leaves_its_last_lines()
    {
        var job = Given.Job(1, s => s with
        {
            Template = PodTemplate.From(new V1PodTemplateSpec
            {
                Spec = new()
                {
                    InitContainers = [new() { Name = "fetch" }, new() { Name = "own", TerminationMessagePolicy = "File" }],
                    Containers = [new() { Name = "trainer" }, new() { Name = "proxy" }],
                },
            }),
        });

        var spec = Build(job).Spec;

        Assert.That(spec.InitContainers.Concat(spec.Containers).Select(c => (c.Name, c.TerminationMessagePolicy)), Is.EquivalentTo(new[]
        {
            ("fetch", "FallbackToLogsOnError"), ("own", "File"), ("trainer", "FallbackToLogsOnError"), ("proxy", "FallbackToLogsOnError"),
        }));
    }

    [Test]
    public void A_worker_finds_its_place_in_the_gang_and_the_operator_by_its_environment()
    {
        var env = Values(Build(Given.Job(3), index: 2, attempt: 4));

        Assert.That(env, Is.SupersetOf(new Dictionary<string, string?>
        {
            ["AIDC_ATTEMPT"] = "4",
            ["AIDC_PROGRESS_URL"] = "https://10.96.0.9:8443/v1/progress",
            ["AIDC_TOKEN_FILE"] = "/var/run/secrets/aidc/token",
            ["AIDC_CA_FILE"] = "/var/run/secrets/aidc/ca.crt",
            ["RANK"] = "2",
            ["WORLD_SIZE"] = "3",
            ["LOCAL_RANK"] = "0",
            ["NPROC_PER_NODE"] = "1",
            ["JOB_COMPLETION_INDEX"] = "2",
            ["MASTER_ADDR"] = "10.96.0.7",
            ["MASTER_PORT"] = "29500",
        }));
    }

    [Test]
    public void The_built_in_trainer_is_told_where_the_coordinator_is_and_an_own_image_what_it_needs_to_report()
    {
        var builtIn = Values(Build(Given.BuiltIn()));

        Assert.That((builtIn["AIDC_JOB"], builtIn["AIDC_COORDINATOR"]), Is.EqualTo(("team/digits", "https://10.96.0.9:8443")));
        Assert.That(Values(Build(Given.Job(3))).Keys, Has.None.EqualTo("AIDC_JOB").And.None.EqualTo("AIDC_COORDINATOR"));
    }

    [Test]
    public void Worker_0_is_the_master_at_its_own_address() =>
        Assert.That(Worker(Build(Given.Job(3), index: 0)).Env.Single(e => e.Name == "MASTER_ADDR").ValueFrom.FieldRef.FieldPath, Is.EqualTo("status.podIP"));

    [Test]
    public void The_credentials_are_a_token_for_the_coordinator_and_the_certificates_to_know_it_by()
    {
        var pod = Build(Given.Job(1));

        var sources = pod.Spec.Volumes.Single(v => v.Name == "aidc").Projected.Sources;
        Assert.That((sources[0].ServiceAccountToken.Audience, sources[0].ServiceAccountToken.ExpirationSeconds), Is.EqualTo(("aidc.dev", 3600L)));
        Assert.That(sources[1].DownwardAPI.Items.Single().FieldRef.FieldPath, Is.EqualTo("metadata.annotations['aidc.dev/ca-bundle']"));
        Assert.That(pod.Metadata.Annotations[Annotations.CaBundle], Is.EqualTo(Link.CaBundle));
        Assert.That(Worker(pod).VolumeMounts.Single().MountPath, Is.EqualTo("/var/run/secrets/aidc"));
    }

    [Test]
    public void Without_a_coordinator_a_worker_is_told_of_none()
    {
        var pod = WorkerPodBuilder.Build(new(Given.Job(1), 1, "hash", null, Given.Options), 0, null);

        Assert.That(Values(pod).Keys, Has.None.EqualTo("AIDC_PROGRESS_URL"));
        Assert.That(pod.Spec.Volumes, Is.Null);
    }

    [Test]
    public void The_template_is_kept_whole()
    {
        var job = Given.Job(1, s => s with
        {
            Template = PodTemplate.From(new()
            {
                Metadata = new() { Labels = new Dictionary<string, string> { ["team"] = "vision" }, Annotations = new Dictionary<string, string> { ["note"] = "x" } },
                Spec = new()
                {
                    NodeSelector = new Dictionary<string, string> { ["gpu"] = "a100" },
                    ImagePullSecrets = [new() { Name = "registry" }],
                    Volumes = [new() { Name = "scratch", EmptyDir = new() }],
                    Tolerations = [new() { Key = "gpu", OperatorProperty = "Exists" }],
                    Containers =
                    [
                        new() { Name = "logger", Image = "registry/logger:1" },
                        new() { Name = "trainer", Image = "registry/own:1", Command = ["python"], Env = [new() { Name = "LEVEL", Value = "$(RANK)" }, new() { Name = "RANK", Value = "9" }] },
                    ],
                },
            }),
        });

        var pod = Build(job);

        Assert.That(pod.Metadata.Labels["team"], Is.EqualTo("vision"));
        Assert.That(pod.Metadata.Annotations["note"], Is.EqualTo("x"));
        Assert.That((pod.Spec.NodeSelector["gpu"], pod.Spec.ImagePullSecrets.Single().Name, pod.Spec.Tolerations.Single().Key), Is.EqualTo(("a100", "registry", "gpu")));
        Assert.That(pod.Spec.Volumes.Select(v => v.Name), Does.Contain("scratch"));
        Assert.That(pod.Spec.Containers.Select(c => c.Name), Is.EqualTo(new[] { "logger", "trainer" }));
        Assert.That(pod.Spec.Containers[0].Env, Is.Null, "the worker is the container named trainer");
        var env = Worker(pod).Env;
        Assert.That(env.Where(e => e.Name == "RANK").Select(e => e.Value), Is.EqualTo(new[] { "0" }), "not the user's to set");
        Assert.That(env.Select(e => e.Name).ToList().IndexOf("LEVEL"), Is.GreaterThan(env.Select(e => e.Name).ToList().IndexOf("RANK")), "or $(RANK) stays as it is");
        Assert.That(pod.Spec.SecurityContext, Is.Null, "an own image runs as it likes");
    }

    [Test]
    public void The_first_container_is_the_worker_where_none_is_named_trainer()
    {
        var job = Given.Job(1, s => s with
        {
            Template = PodTemplate.From(new() { Spec = new() { Containers = [new() { Name = "main", Image = "a" }, new() { Name = "other", Image = "b" }] } }),
        });

        var pod = Build(job);

        Assert.That(pod.Spec.Containers[0].Env, Is.Not.Empty);
        Assert.That(pod.Spec.Containers[1].Env, Is.Null);
    }

    [TestCase("main")]
    [TestCase("main,other")]
    [TestCase("other,trainer")]
    public void The_container_that_is_built_as_the_worker_is_the_one_that_was_validated_as_such(string names)
    {
        var template = new V1PodTemplateSpec { Spec = new() { Containers = [.. names.Split(',').Select(n => new V1Container { Name = n })] } };
        var job = Given.BuiltIn(s => s with { Template = PodTemplate.From(template) });

        var pod = Build(job);

        var validated = template.Spec.Containers[WorkerContainer.IndexIn(template.Spec.Containers)].Name;
        Assert.That(pod.Spec.Containers.Select(c => c.Name), Is.EqualTo(names.Split(',')), "none is added");
        Assert.That(pod.Spec.Containers.Single(c => c.Args is not null).Name, Is.EqualTo(validated));
        Assert.That(WorkerContainer.NameIn(job.Spec), Is.EqualTo(validated));
    }

    [Test]
    public void What_each_pod_asks_for()
    {
        var pod = Build(Given.Job(1, s => s with { Resources = new() { Gpus = 2, Cpu = "1500m", Memory = "4Gi", Shm = "1Gi" } }));

        var resources = Worker(pod).Resources;
        Assert.That(resources.Requests.ToDictionary(r => r.Key, r => r.Value.ToString()),
            Is.EquivalentTo(new Dictionary<string, string> { ["cpu"] = "1500m", ["memory"] = "4Gi", ["nvidia.com/gpu"] = "2" }));
        Assert.That(resources.Limits.ToDictionary(r => r.Key, r => r.Value.ToString()),
            Is.EquivalentTo(new Dictionary<string, string> { ["memory"] = "4Gi", ["nvidia.com/gpu"] = "2" }));
        var shm = pod.Spec.Volumes.Single(v => v.Name == "aidc-shm").EmptyDir;
        Assert.That((shm.Medium, shm.SizeLimit.ToString()), Is.EqualTo(("Memory", "1Gi")));
        Assert.That(Worker(pod).VolumeMounts.Single(m => m.Name == "aidc-shm").MountPath, Is.EqualTo("/dev/shm"));
    }

    [Test]
    public void The_built_in_trainer_runs_confined_with_its_data_read_only_and_its_checkpoints_writable()
    {
        var pod = Build(Given.BuiltIn(s => s with { Checkpoint = new() { Uri = "hostpath:///srv/aidc/digits" } }));

        var worker = Worker(pod);
        Assert.That((worker.Name, worker.Image, worker.ImagePullPolicy, worker.TerminationMessagePolicy),
            Is.EqualTo(("trainer", "registry/aidc-trainer:1", "IfNotPresent", "FallbackToLogsOnError")));
        Assert.That(worker.SecurityContext, Has.Property("ReadOnlyRootFilesystem").True.And.Property("AllowPrivilegeEscalation").False);
        Assert.That((pod.Spec.SecurityContext.RunAsNonRoot, pod.Spec.SecurityContext.RunAsUser, pod.Spec.AutomountServiceAccountToken), Is.EqualTo((true, 10001L, false)));
        Assert.That(Mounts(pod), Is.EquivalentTo(new[]
        {
            ("/data", "aidc-data", "mnist", true), ("/checkpoint", "aidc-checkpoint", "digits", false),
            ("/tmp", "aidc-tmp", null, false), ("/var/run/secrets/aidc", "aidc", (string?)null, true),
        }));
        Assert.That(pod.Spec.Volumes.Single(v => v.Name == "aidc-data").PersistentVolumeClaim.ClaimName, Is.EqualTo("datasets"));
        var host = pod.Spec.Volumes.Single(v => v.Name == "aidc-checkpoint").HostPath;
        Assert.That((host.Path, host.Type), Is.EqualTo(("/srv/aidc", "DirectoryOrCreate")));
        Assert.That((Values(pod)["AIDC_DATA_DIR"], Values(pod)["AIDC_CHECKPOINT_DIR"]), Is.EqualTo(("/data", "/checkpoint")));
    }

    [Test]
    public void A_folder_of_the_node_in_a_template_is_a_path_in_the_folder_that_is_allowed()
    {
        var pod = Build(Given.Job(1, s => s with
        {
            Template = PodTemplate.From(new()
            {
                Spec = new()
                {
                    Containers = [new() { Name = "main", Image = "x", VolumeMounts = [new() { Name = "v", MountPath = "/v" }] }],
                    Volumes = [new() { Name = "v", HostPath = new() { Path = "/srv/aidc/link/x" } }],
                },
            }),
        }));

        Assert.That(pod.Spec.Volumes.Single(v => v.Name == "v").HostPath.Path, Is.EqualTo("/srv/aidc"));
        Assert.That(Worker(pod).VolumeMounts.Single(m => m.Name == "v").SubPath, Is.EqualTo("link/x"));
    }

    [Test]
    public void Data_and_checkpoints_of_one_claim_are_one_volume_mounted_twice()
    {
        var pod = Build(Given.BuiltIn(s => s with { Checkpoint = new() { Uri = "pvc://datasets/models" } }));

        Assert.That(pod.Spec.Volumes.Count(v => v.PersistentVolumeClaim?.ClaimName == "datasets"), Is.EqualTo(1));
        Assert.That(Mounts(pod), Is.SupersetOf(new[]
        {
            ("/data", "aidc-data", "mnist", true), ("/checkpoint", "aidc-data", (string?)"models", false),
        }));
    }

    [Test]
    public void A_template_with_the_built_in_trainer_adds_to_it_and_may_loosen_it()
    {
        var template = PodTemplate.From(new()
        {
            Spec = new()
            {
                SecurityContext = new() { RunAsUser = 0 },
                TerminationGracePeriodSeconds = 5,
                Containers =
                [
                    new() { Name = "sidecar", Image = "registry/sidecar:1" },
                    new() { Name = "trainer", VolumeMounts = [new() { Name = "fast", MountPath = "/tmp/" }] },
                ],
                Volumes = [new() { Name = "fast", EmptyDir = new() }],
            },
        });

        var pod = Build(Given.BuiltIn(s => s with { Template = template }));

        Assert.That(pod.Spec.Containers.Select(c => (c.Name, c.Image)), Is.EqualTo(new[] { ("sidecar", "registry/sidecar:1"), ("trainer", "registry/aidc-trainer:1") }));
        Assert.That((pod.Spec.SecurityContext.RunAsUser, pod.Spec.TerminationGracePeriodSeconds), Is.EqualTo((0L, 5L)));
        Assert.That(pod.Spec.Volumes.Select(v => v.Name), Has.None.EqualTo("aidc-tmp"), "the template has something else at /tmp");
    }

    [Test]
    public void A_member_of_a_distributed_gang_knows_its_uid_and_its_grace_and_is_told_that_it_trains_with_others()
    {
        var worker = Worker(Build(Given.BuiltIn(s => s with { Workers = new() { Replicas = 3, Min = 1, Processes = 2 } }), index: 1));

        Assert.That(worker.Env.Single(e => e.Name == "AIDC_POD_UID").ValueFrom.FieldRef.FieldPath, Is.EqualTo("metadata.uid"));
        Assert.That(worker.Env.Single(e => e.Name == "AIDC_GRACE_PERIOD").Value, Is.EqualTo("60s"));
        Assert.That(string.Join(' ', worker.Args), Does.Contain("--distributed --processes 2"));
        Assert.That(Worker(Build(Given.BuiltIn())).Env.Select(e => e.Name), Has.None.EqualTo("AIDC_POD_UID"));
    }

    [Test]
    public void Building_changes_nothing_of_the_job()
    {
        var job = Given.Job(1);
        var before = job.Spec.Template!.Json.GetRawText();

        Build(job);

        Assert.That(job.Spec.Template.Json.GetRawText(), Is.EqualTo(before));
    }

    private static V1Pod Build(TrainingJob job, int index = 0, int attempt = 1) =>
        WorkerPodBuilder.Build(new(job, attempt, "hash", Link, Given.Options), index, job.Spec.Workers.Replicas > 1 ? "10.96.0.7" : null);

    private static V1Container Worker(V1Pod pod) => pod.Spec.Containers.Single(c => c.Env is not null);

    private static Dictionary<string, string?> Values(V1Pod pod) => Worker(pod).Env.ToDictionary(e => e.Name, e => (string?)e.Value);

    private static IEnumerable<(string, string, string?, bool)> Mounts(V1Pod pod) =>
        Worker(pod).VolumeMounts.Select(m => (m.MountPath, m.Name, (string?)m.SubPath, m.ReadOnlyProperty == true));
}
