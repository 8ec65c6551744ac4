using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Nodes;
using AiDc.Operator.Planning;
using AiDc.Operator.Pods;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Builders;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Scaling;
using k8s.Models;

namespace AiDc.Operator.Tests.Serving;

/// <summary>
/// A service and its world without a server: what plans decide is carried out on it, and the test says what becomes of pods, nodes and load.
/// </summary>
internal sealed class Scene
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly ServingOptions Options = new()
    {
        Validation = new() { AllowedHostPaths = ["/srv/aidc"] },
        ServerImage = "registry/aidc-trainer:1",
        GatewayUrl = "http://gateway",
        Namespace = "aidc-home",
    };

    private readonly Dictionary<string, Made> made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RevisionReading> load = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeView> nodes = [];
    private readonly HashSet<string> unreachable = [];
    private int serial;
    private ObjectsKey? objectsFor;
    private Dictionary<string, PodTrouble> troubles = [];
    public Scene(Func<InferenceServiceSpec, InferenceServiceSpec>? spec = null)
    {
        Service = new()
        {
            Metadata = new() { Name = "digits", NamespaceProperty = "team", Uid = "service-uid", ResourceVersion = "1", Generation = 1 },
            Spec = (spec ?? (s => s))(new() { Model = new() { Uri = "pvc://models/mnist/model" } }),
        };
    }

    public InferenceService Service { get; private set; }

    public InferenceServiceStatus Status => Service.Status;

    public DateTimeOffset Now { get; private set; } = Start;

    public Dictionary<string, TrainingJob> Jobs { get; } = [];

    public ScaleAdvice? Scale { get; set; }

    public CreationRefusal? Refusal { get; set; }

    /// <summary>What is in the way of the service's own objects; looked after is taken for granted.</summary>
    public Refused? ObjectsProblem { get; set; }

    /// <summary>Whether what plans say of them is done at once; else it never is.</summary>
    public bool ObjectsAreSeenTo { get; set; }

    /// <summary>As they were last to be.</summary>
    public EnsureServiceObjects? Objects { get; private set; }

    public int Gateways { get; set; } = 1;

    /// <summary>The operator's; another one begins with nothing in it.</summary>
    public ServiceMemory Memory { get; set; } = new();

    /// <summary>Names of all revisions that have a Deployment, the oldest first.</summary>
    public IReadOnlyList<string> Revisions => [.. made.Values.OrderBy(m => m.Number).Select(m => m.Name)];

    public IReadOnlyList<PlannedEvent> Events { get; private set; } = [];

    public IReadOnlyList<PlanStep> Steps { get; private set; } = [];

    public IReadOnlyList<ServingPod> Pods => [.. made.Values.SelectMany(m => m.Pods)];

    public int Replicas(string revision) => made[revision].Replicas;

    public V1Deployment Deployment(string revision) => made[revision].Deployment;

    public string RevisionOf(string uri) => RevisionHash.Revision(Service, new(new() { Uri = uri }, uri)).Name;

    public Scene Edit(Func<InferenceServiceSpec, InferenceServiceSpec> edit)
    {
        Service = With(edit(Service.Spec), Service.Status, Service.Metadata.Generation + 1);
        return this;
    }

    public Scene Later(TimeSpan time)
    {
        Now += time;
        return this;
    }

    /// <summary>Plans and carries out, as often as something is left to do.</summary>
    public Scene Reconcile()
    {
        var events = new List<PlannedEvent>();
        for (var i = 0; i < 20; i++)
        {
            var plan = ServicePlanner.Plan(Snapshot(), Options, Now);
            events.AddRange(plan.Events);
            if (plan.Status is { } status) Service = With(Service.Spec, status, Service.Metadata.Generation);
            Steps = plan.Steps;
            foreach (var step in plan.Steps) Do(step);
            if (plan.Status is null && !plan.Steps.Any(s => s is not EnsureServiceObjects)) break;
        }
        Events = events;
        return this;
    }

    /// <summary>Every pod that has a node loads its model.</summary>
    public Scene AllReady()
    {
        foreach (var revision in made.Values)
            revision.Pods = [.. revision.Pods.Select(p => p.IsBeingDeleted ? p : Pod(p, ready: true))];
        return this;
    }

    /// <summary>Reconciles and lets pods become ready until nothing changes.</summary>
    public Scene Settle()
    {
        for (var i = 0; i < 30; i++) Reconcile().AllReady().EndDeleted();
        return Reconcile();
    }

    public Scene EndDeleted()
    {
        foreach (var revision in made.Values) revision.Pods = [.. revision.Pods.Where(p => !p.IsBeingDeleted)];
        return this;
    }

    /// <summary>The server of every pod of a revision ends.</summary>
    public Scene Crash(string revision, int restarts = 1, string log = "loading\nno such file", int exitCode = 2)
    {
        made[revision].Pods = [.. made[revision].Pods.Select(p => Pod(p, ready: false, new()
        {
            Name = "server",
            RestartCount = restarts,
            State = new() { Waiting = new() { Reason = "CrashLoopBackOff" } },
            LastState = new() { Terminated = new() { ExitCode = exitCode, Reason = "Error", Message = log, FinishedAt = Now } },
        }))];
        return this;
    }

    /// <summary>The pods of a revision are where their kubelets show them.</summary>
    public Scene Show(string revision, ServingPod.PodStatus status)
    {
        made[revision].Pods = [.. made[revision].Pods.Select(p =>
        {
            var shown = Pod(p, ready: false);
            shown.Status = status;
            return shown;
        })];
        return this;
    }

    public Scene Trouble(PodTrouble trouble)
    {
        troubles = Pods.ToDictionary(p => p.Metadata.Uid, _ => trouble);
        return this;
    }

    public Scene Node(string name, bool lost = false, bool ready = true)
    {
        nodes[name] = new(name) { DeadFor = lost ? TimeSpan.FromSeconds(41) : null, IsReady = ready && !lost };
        return this;
    }

    public Scene Unreachable(params string[] pods)
    {
        unreachable.Clear();
        unreachable.UnionWith(pods);
        return this;
    }

    /// <summary>Requests that gateways have had answered by a revision, on top of those before.</summary>
    public Scene Answered(string revision, int requests, int errors = 0, double seconds = 0.01, int retried = 0, int left = 0, double leftSeconds = 0)
    {
        var before = load.GetValueOrDefault(revision) ?? RevisionReading.Nothing;
        load[revision] = before with
        {
            Arrivals = before.Arrivals + requests,
            Completed = before.Completed + requests,
            Errors = before.Errors + errors,
            ServiceSeconds = before.ServiceSeconds + (requests * seconds),
            LogMicroseconds = before.LogMicroseconds + (requests * Math.Log(seconds * 1e6)),
            Retried = before.Retried + retried,
            Left = before.Left + left,
            LeftSeconds = before.LeftSeconds + leftSeconds,
        };
        return this;
    }

    public V1Condition Condition(string type) => ConditionHelper.Find(Status.Conditions, type)!;

    public Dictionary<string, int> Weights() => Status.Revisions.Where(r => r.Weight > 0).ToDictionary(r => r.Name, r => r.Weight);

    public ServiceSnapshot Snapshot()
    {
        var reading = new ServiceReading(Gateways, Gateways > 0, 0, 0, 0, new Dictionary<string, RevisionReading>(load));
        return new(Service, [.. made.Values.Select(m => m.Observed)], Pods)
        {
            Jobs = Jobs,
            Scale = Scale,
            Load = reading,
            Trial = Status.Canary is { Since: not null } canary ? Memory.Trial(new("team", "digits"), "service-uid", canary, Status.Stable, reading) : null,
            Nodes = nodes,
            Unreachable = unreachable,
            Troubles = troubles,
            Refusal = Refusal,
            ObjectsProblem = ObjectsProblem,
            ObjectsFor = objectsFor,
            ObjectsDue = Now + (ObjectsProblem is null ? ServiceObjects.Every : ServiceObjects.Again),
        };
    }

    private void Do(PlanStep step)
    {
        switch (step)
        {
            case EnsureServiceObjects objects:
                if (ObjectsAreSeenTo) objectsFor = objects.For;
                Objects = objects;
                break;
            case CreateRevision create:
                made[create.Deployment.Metadata.Name] = new(create.Deployment, ++serial, Now) { Replicas = create.Deployment.Spec.Replicas ?? 0 };
                Fill(made[create.Deployment.Metadata.Name]);
                break;
            case ScaleRevision scale:
                made[scale.Name].Replicas = scale.To;
                Fill(made[scale.Name]);
                break;
            case DeleteRevision delete:
                made.Remove(delete.Name);
                break;
            case DeletePod delete:
                foreach (var revision in made.Values)
                {
                    revision.Pods = [.. revision.Pods.Where(p => p.Name != delete.Name)];
                    Fill(revision);
                }
                break;
        }
    }

    /// <summary>What a ReplicaSet does: pods that are not ready go first.</summary>
    private void Fill(Made revision)
    {
        var live = revision.Pods.Where(p => !p.IsBeingDeleted).ToList();
        foreach (var pod in live.OrderBy(p => p.IsReady).Take(live.Count - revision.Replicas))
        {
            var gone = Pod(pod, ready: pod.IsReady);
            gone.Metadata.DeletionTimestamp = Now.UtcDateTime;
            revision.Pods = [.. revision.Pods.Select(p => p.Name == pod.Name ? gone : p)];
        }

        for (var i = live.Count; i < revision.Replicas; i++)
        {
            var name = $"{revision.Name}-{++serial}";
            revision.Pods = [.. revision.Pods, new ServingPod
            {
                Metadata = new()
                {
                    Name = name,
                    NamespaceProperty = "team",
                    Uid = name,
                    CreationTimestamp = Now.UtcDateTime,
                    Labels = new Dictionary<string, string> { [Labels.Revision] = revision.Name },
                    Annotations = new Dictionary<string, string> { [Annotations.ServiceName] = "digits" },
                },
                Spec = new() { NodeName = $"node-{serial}" },
                Status = new() { Phase = "Running" },
            }];
        }
    }

    private static ServingPod Pod(ServingPod pod, bool ready, ServingPod.ContainerStatus? container = null) => new()
    {
        Metadata = new()
        {
            Name = pod.Metadata.Name,
            NamespaceProperty = pod.Metadata.NamespaceProperty,
            Uid = pod.Metadata.Uid,
            CreationTimestamp = pod.Metadata.CreationTimestamp,
            DeletionTimestamp = pod.Metadata.DeletionTimestamp,
            Labels = pod.Metadata.Labels,
            Annotations = pod.Metadata.Annotations,
        },
        Spec = pod.Spec,
        Status = new()
        {
            Phase = "Running",
            Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False" }],
            ContainerStatuses = container is null ? null : [container],
        },
    };

    private InferenceService With(InferenceServiceSpec spec, InferenceServiceStatus status, long? generation) => new()
    {
        Metadata = new()
        {
            Name = Service.Metadata.Name,
            NamespaceProperty = Service.Metadata.NamespaceProperty,
            Uid = Service.Metadata.Uid,
            ResourceVersion = Service.Metadata.ResourceVersion,
            Generation = generation,
            Annotations = Service.Metadata.Annotations,
        },
        Spec = spec,
        Status = status,
    };

    private sealed class Made(V1Deployment deployment, int number, DateTimeOffset at)
    {
        public V1Deployment Deployment { get; } = deployment;

        public string Name => Deployment.Metadata.Name;

        public int Number { get; } = number;

        public int Replicas { get; set; }

        public IReadOnlyList<ServingPod> Pods { get; set; } = [];

        public ServingDeployment Observed => new()
        {
            Metadata = new()
            {
                Name = Name,
                Uid = $"uid-{Number}",
                // Whole seconds, as the server has them: the number keeps their order.
                CreationTimestamp = at.AddMilliseconds(Number).UtcDateTime,
                Annotations = Deployment.Metadata.Annotations,
                OwnerReferences = Deployment.Metadata.OwnerReferences,
            },
            Spec = new() { Replicas = Replicas },
        };
    }
}
