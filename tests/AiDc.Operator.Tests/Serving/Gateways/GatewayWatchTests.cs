using System.Net;
using AiDc.ControllerRuntime;
using AiDc.Operator.Configuration;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Gateways;
using AiDc.Operator.Tests.Coordination;
using AiDc.Serving.V1;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Serving.Gateways;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GatewayWatchTests : IDisposable
{
    private const string Namespace = "aidc-system";

    private readonly FakeTimeProvider clock = new();
    private readonly InMemoryApi api = new();
    private readonly Machines machines = new();
    private readonly Others others = new();
    private readonly LoadBoard board;
    private readonly GatewayWatch watch;

    public GatewayWatchTests()
    {
        board = new(clock);
        watch = new(new FixedLeadership("operator-0"), board, api, machines, others, Options.Create(new OperatorOptions { Namespace = Namespace }), clock, NullLogger<GatewayWatch>.Instance);
    }

    public void Dispose() => watch.Dispose();

    [Test]
    public async Task A_gateway_that_is_silent_and_out_of_reach_loses_its_label_and_is_evicted_once_another_says_so_too()
    {
        Gateways("a", "b");
        machines.Gone.Add(AddressOf("b"));
        var lost = api.GetAsync<V1Pod>(new(Namespace, "b"), default).Result!;

        Pass(TimeSpan.FromSeconds(3), "a");
        await watch.LookAsync(default);

        Assert.That((Exists("a"), Exists("b")), Is.EqualTo((true, false)));
        Assert.That(lost.Metadata.Labels["app.kubernetes.io/component"], Is.Not.EqualTo("gateway"), "by its label it is no endpoint, whatever becomes of the eviction");
        Assert.That(others.Asked, Is.EqualTo(new[] { "a/uid-a" }));
    }

    [Test]
    public async Task A_gateway_that_this_operator_alone_cannot_reach_stays()
    {
        Gateways("a", "b");
        machines.Gone.Add(AddressOf("b"));
        others.Confirm = false;

        Pass(TimeSpan.FromSeconds(3), "a");
        await watch.LookAsync(default);

        Assert.That((Exists("b"), others.Asked.Count), Is.EqualTo((true, 1)));
    }

    [Test]
    public async Task One_on_the_same_node_is_not_asked()
    {
        Gateways("a", "b");
        Add("a", "uid-a", node: "node-b");
        machines.Gone.Add(AddressOf("b"));

        Pass(TimeSpan.FromSeconds(3), "a");
        await watch.LookAsync(default);

        Assert.That(others.Asked, Is.Empty);
    }

    [Test]
    public async Task They_are_taken_out_one_at_a_time_and_no_more_than_half_of_them()
    {
        Gateways("a", "b", "c", "d", "e");
        machines.Gone.UnionWith([AddressOf("b"), AddressOf("c"), AddressOf("d"), AddressOf("e")]);
        string[] rest = ["b", "c", "d", "e"];

        Pass(TimeSpan.FromSeconds(3), "a");
        await watch.LookAsync(default);
        Assert.That(rest.Count(Exists), Is.EqualTo(3));

        for (var i = 0; i < 5; i++) await watch.LookAsync(default);
        Assert.That(rest.Count(Exists), Is.EqualTo(2));
    }

    [Test]
    public async Task A_gateway_that_is_heard_is_not_even_looked_at()
    {
        Gateways("a", "b");
        machines.Gone.Add(AddressOf("b"));

        Pass(TimeSpan.FromSeconds(3), "a", "b");
        await watch.LookAsync(default);

        Assert.That((Exists("b"), machines.Asked), Is.EqualTo((true, 0)));
    }

    [Test]
    public async Task A_gateway_whose_machine_answers_is_left_to_its_kubelet()
    {
        Gateways("a", "b");

        Pass(TimeSpan.FromSeconds(3), "a");
        await watch.LookAsync(default);

        Assert.That((Exists("b"), machines.Asked), Is.EqualTo((true, 1)));
    }

    [Test]
    public async Task Where_no_gateway_is_heard_all_stay_for_it_may_be_the_operator_that_is_cut_off()
    {
        Gateways("a", "b");
        machines.Gone.UnionWith([AddressOf("a"), AddressOf("b")]);

        Pass(TimeSpan.FromSeconds(3));
        await watch.LookAsync(default);

        Assert.That((Exists("a"), Exists("b")), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task Another_pod_of_the_same_name_stays()
    {
        Gateways("a", "b");
        machines.Gone.Add(AddressOf("b"));
        Add("b", uid: "another");

        Pass(TimeSpan.FromSeconds(3), "a");
        await watch.LookAsync(default);

        Assert.That(Exists("b"), Is.True);
    }

    [Test]
    public async Task A_gateway_that_has_been_silent_for_long_is_nothing_to_hurry_for()
    {
        Gateways("a", "b");
        machines.Gone.Add(AddressOf("b"));

        Pass(TimeSpan.FromMinutes(2), "a");
        await watch.LookAsync(default);

        Assert.That((Exists("b"), machines.Asked), Is.EqualTo((true, 0)));
    }

    [Test]
    public async Task A_new_leader_misses_a_gateway_that_it_has_never_heard()
    {
        Gateways("a");
        Add("b", "uid-b");
        machines.Gone.Add(AddressOf("b"));

        await watch.LookAsync(default);
        Pass(TimeSpan.FromSeconds(3), "a");
        await watch.LookAsync(default);

        Assert.That((Exists("a"), Exists("b")), Is.EqualTo((true, false)));
    }

    private static IPEndPoint AddressOf(string pod) => new(IPAddress.Parse($"10.0.0.{(int)pod[0]}"), 8080);

    private void Gateways(params string[] pods)
    {
        foreach (var pod in pods)
        {
            Add(pod, "uid-" + pod);
            board.Join($"{pod}/uid-{pod}");
        }
    }

    private void Add(string pod, string uid, string? node = null) => api.Put(new V1Pod
    {
        Metadata = new() { Name = pod, NamespaceProperty = Namespace, Uid = uid, Labels = new Dictionary<string, string> { ["app.kubernetes.io/component"] = "gateway" } },
        Spec = new() { NodeName = node ?? $"node-{pod}", ServiceAccountName = "aidc-gateway", Containers = [new() { Name = "gateway", Ports = [new() { Name = "http", ContainerPort = 8080 }] }] },
        Status = new() { PodIP = AddressOf(pod).Address.ToString() },
    });

    private void Pass(TimeSpan time, params string[] heard)
    {
        clock.Advance(time);
        foreach (var pod in heard) board.Report($"{pod}/uid-{pod}", new Load());
    }

    private bool Exists(string pod) => api.GetAsync<V1Pod>(new NamespacedName(Namespace, pod), default).Result is not null;

    private sealed class Others : IConfirmation
    {
        public bool Confirm { get; set; } = true;

        public List<string> Asked { get; } = [];

        public Task<bool> IsGoneAsync(IPEndPoint address, string node, IReadOnlyList<string> gateways, CancellationToken ct)
        {
            Asked.AddRange(gateways);
            return Task.FromResult(Confirm);
        }
    }

    private sealed class Machines : IReachability
    {
        public HashSet<IPEndPoint> Gone { get; } = [];

        public int Asked { get; private set; }

        public Task<bool> AnswersAsync(IPEndPoint address, CancellationToken ct)
        {
            Asked++;
            return Task.FromResult(!Gone.Contains(address));
        }
    }
}
