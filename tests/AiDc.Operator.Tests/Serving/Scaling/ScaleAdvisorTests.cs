using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Caching;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Scaling;
using AiDc.Serving.V1;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Serving.Scaling;

/// <summary>From what gateways report to the advice that the controller follows.</summary>
[TestFixture]
internal sealed class ScaleAdvisorTests : IDisposable
{
    private static readonly NamespacedName Digits = new("team", "digits");

    private readonly Stored<ServingPod> pods = new();
    private readonly Stored<InferenceService> services = new();
    private readonly Queue queue = new();
    private FakeTimeProvider clock = null!;
    private LoadBoard board = null!;
    private ScaleAdvisor advisor = null!;
    private ulong answered;

    [SetUp]
    public async Task Start()
    {
        (clock, answered) = (new(), 0);
        board = new(clock);
        services.Objects.Clear();
        queue.Asked.Clear();
        advisor = new(services, pods, board, queue, clock);
        await advisor.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task Stop()
    {
        await advisor.StopAsync(CancellationToken.None);
        Dispose();
    }

    public void Dispose() => advisor.Dispose();

    [Test]
    public void A_request_that_waits_at_zero_replicas_has_the_service_looked_at_at_once_and_not_at_the_next_tick()
    {
        Serve(new() { Min = 0 }, replicas: 0);
        using var gateway = board.Join("a");
        Report(arrivals: 0);
        advisor.Tick();
        Assert.That(advisor.For(Digits)!.Replicas, Is.Zero);
        queue.Asked.Clear();

        Report(arrivals: 1, held: 1);

        Assert.That(advisor.For(Digits), Is.EqualTo(new ScaleAdvice(1, "a request waits and there was no replica")));
        Assert.That(queue.Asked, Is.EqualTo(new[] { Digits }));
    }

    [Test]
    public void Without_a_gateway_the_replicas_of_the_status_stay()
    {
        Serve(new() { Min = 0 }, replicas: 4);

        Seconds(900, () => { });

        Assert.That(advisor.For(Digits), Is.EqualTo(new ScaleAdvice(4, "the load is not known: nothing is changed")));
    }

    [Test]
    public void What_gateways_count_becomes_replicas_and_only_a_change_asks_for_a_reconcile()
    {
        Serve(new() { Min = 1, Max = 20 }, replicas: 1);
        using var gateway = board.Join("a");
        ulong arrivals = 0;
        Report(arrivals);

        // 20 requests a second of 1 s each, 4 at once per replica.
        Seconds(700, () => Report(arrivals += 20, inFlight: 20, completed: arrivals - 20));

        Assert.That(advisor.For(Digits)!.Replicas, Is.InRange(5, 6));
        Assert.That(queue.Asked, Has.Count.LessThan(8));
    }

    [Test]
    public void A_gateway_that_lives_and_is_silent_freezes_the_number()
    {
        Serve(new() { Min = 0, IdleAfter = "10s" }, replicas: 3);
        using var talks = board.Join("a");
        using var silent = board.Join("b");

        Seconds(900, () => Report(arrivals: 0));

        Assert.That(advisor.For(Digits)!.Replicas, Is.EqualTo(3));
    }

    [Test]
    public void A_gateway_that_lives_and_is_silent_does_not_keep_the_number_from_growing()
    {
        Serve(new() { Min = 1, Max = 20, Target = new() { Concurrency = 2 } }, replicas: 2);
        using var talks = board.Join("a");
        Busy(30, inFlight: 2);
        var calm = advisor.For(Digits)!.Replicas;

        using var silent = board.Join("b");
        Busy(60, inFlight: 40);

        Assert.That(advisor.For(Digits)!.Replicas, Is.GreaterThan(calm));
    }

    [Test]
    public void An_idle_service_goes_to_zero_and_one_of_its_name_that_was_made_anew_begins_anew()
    {
        Serve(new() { Min = 0, IdleAfter = "10s" }, replicas: 3);
        using var gateway = board.Join("a");
        Seconds(12, () => Report(arrivals: 0));
        Assert.That(advisor.For(Digits)!.Replicas, Is.Zero);

        Serve(new() { Min = 0, IdleAfter = "10s" }, replicas: 2);
        Report(arrivals: 0);
        advisor.Tick();

        Assert.That(advisor.For(Digits)!.Replicas, Is.EqualTo(2));
    }

    [Test]
    public void A_service_that_is_gone_is_forgotten()
    {
        Serve(new(), replicas: 3);
        advisor.Tick();

        services.Objects.Clear();
        advisor.Tick();

        Assert.That(advisor.For(Digits), Is.Null);
    }

    [Test]
    public void A_target_that_is_no_duration_gets_no_advice()
    {
        Serve(new() { Target = new() { Latency = "soon" } }, replicas: 3);

        advisor.Tick();

        Assert.That(advisor.For(Digits), Is.Null);
    }

    private void Serve(ScalingSpec scaling, int replicas)
    {
        services.Objects.Clear();
        services.Objects.Add(new()
        {
            Metadata = new() { Name = Digits.Name, NamespaceProperty = Digits.Namespace, Uid = Guid.NewGuid().ToString() },
            Spec = new() { Scaling = scaling },
            Status = new() { Replicas = new() { Desired = replicas } },
        });
    }

    /// <summary>As many requests as are in flight come and are answered each second.</summary>
    private void Busy(int seconds, uint inFlight) => Seconds(seconds, () => Report(answered += inFlight, inFlight: inFlight, completed: answered));

    private void Seconds(int count, Action report)
    {
        for (var i = 0; i < count; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            report();
            advisor.Tick();
        }
    }

    private void Report(ulong arrivals, uint held = 0, uint inFlight = 0, ulong completed = 0) => board.Report("a", new()
    {
        Services =
        {
            new ServiceLoad
            {
                Service = Digits.ToString(),
                ArrivalsTotal = arrivals,
                Held = held,
                Revisions = { new RevisionLoad { Revision = "digits-a", InFlight = inFlight, CompletedTotal = completed, ServiceSecondsTotal = completed } },
            },
        },
    });

    private sealed class Queue : IRequestQueue<InferenceServiceReconciler>
    {
        public List<NamespacedName> Asked { get; } = [];

        public void Enqueue(NamespacedName name, TimeSpan delay = default) => Asked.Add(name);
    }

    private sealed class Stored<T> : IStore<T> where T : class, IKubernetesObject<V1ObjectMeta>
    {
        public List<T> Objects { get; } = [];

        public int Count => Objects.Count;

        public bool HasSynced => true;

        public string? ResourceVersion => null;

        public T? Get(NamespacedName name) => Objects.Find(o => NamespacedName.Of(o) == name);

        public IReadOnlyList<T> List() => [.. Objects];

        public IReadOnlyList<T> ListNamespace(string ns) => Objects.FindAll(o => o.Metadata.NamespaceProperty == ns);

        public IReadOnlyList<T> ByIndex(string index, string key) => [];
    }
}
