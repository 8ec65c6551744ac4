using System.Text.Json.Nodes;
using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Operator.Serving.Builders;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.Operator.Tests.Serving.Server;

/// <summary>The ways to a service's replicas, and what keeps drains from taking them, on a real API server.</summary>
[TestFixture, Category("Integration")]
internal sealed class ServiceObjectsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly InferenceServiceSpec Open = new() { Model = new() { Uri = "pvc://models/a" } };

    private static readonly InferenceServiceSpec Keyed = Open with { ApiKeys = new() { SecretRef = new() { Name = "aidc-api-keys" } } };

    private static IEnumerable<TestCaseData> Guarded()
    {
        yield return new TestCaseData(Keyed).SetArgDisplayNames("keys");
        yield return new TestCaseData(Open with { RateLimit = new() { RequestsPerSecond = 5 } }).SetArgDisplayNames("a rate limit");
        yield return new TestCaseData(Open with { RateLimit = new() { PerClientRequestsPerSecond = 5 } }).SetArgDisplayNames("a rate limit of each client");
    }

    [TestCaseSource(nameof(Guarded))]
    public async Task With_keys_or_rates_no_Service_leads_past_the_gateways_and_a_policy_lets_nobody_else_in(InferenceServiceSpec spec)
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", spec);

        var service = await ReadyAsync(cluster);

        Assert.That((await cluster.Client.ListAsync<V1Service>(cluster.Namespace, null, default)).Items, Is.Empty);
        var policy = (await PolicyAsync(cluster))!;
        Assert.That(policy.Spec.PolicyTypes, Is.EqualTo(new[] { "Ingress" }));
        Assert.That((await cluster.PodsAsync())[0].Metadata.Labels, Is.SupersetOf(policy.Spec.PodSelector.MatchLabels), "it is about the replicas");
        var peer = policy.Spec.Ingress.Single(i => i.FromProperty is not null).FromProperty.Single();
        Assert.That(peer.PodSelector.MatchLabels, Contains.Key("app.kubernetes.io/component").WithValue("gateway"));
        var addressable = ConditionHelper.Find(service.Status.Conditions, ConditionTypes.Addressable)!;
        Assert.That(addressable.Message, Does.Contain("gateways"));
        Assert.That(service.Status.Url, Does.EndWith($"/v1/namespaces/{cluster.Namespace}/services/digits"));
    }

    [Test]
    public async Task A_service_that_may_go_to_zero_has_no_way_on_which_nobody_counts_its_requests()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Open with { Scaling = new() { Min = 0 } });
        await ReadyAsync(cluster);

        Assert.That(await ServiceAsync(cluster), Is.Null);

        await cluster.EditAsync("digits", new { scaling = new { min = 1 } });
        await Eventually.Assert(async () => await ServiceAsync(cluster) is not null, Deadline, "with one replica at least, all may call it");
    }

    [Test]
    public async Task A_canary_is_not_among_those_that_the_direct_way_leads_to_until_it_is_tried_no_more()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Open with { Scaling = new() { Replicas = 2 } });
        var stable = (await ReadyAsync(cluster, 2)).Status.Stable!;

        await cluster.EditAsync("digits", new { canary = new { model = new { uri = "pvc://models/b" } } });
        await cluster.WaitAsync("digits", s => s.Status.Canary?.Since is not null);
        var selector = (await ServiceAsync(cluster))!.Spec.Selector;
        Assert.That((await cluster.PodsAsync()).Where(p => selector.All(l => p.Metadata.Labels.Contains(l))).Select(p => p.Metadata.Labels[Labels.Revision]).Distinct(), Is.EqualTo(new[] { stable }));

        await cluster.EditAsync("digits", JsonNode.Parse("""{"canary": null}""")!);
        await Eventually.Assert(async () => !(await ServiceAsync(cluster))!.Spec.Selector.ContainsKey(Labels.Revision), Deadline, "all revisions again");
    }

    [Test]
    public async Task Keys_that_are_added_close_the_direct_way_and_it_opens_once_they_are_gone()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Open);
        await ReadyAsync(cluster);
        Assert.That(await ServiceAsync(cluster), Is.Not.Null);
        Assert.That(await PolicyAsync(cluster), Is.Null);

        await cluster.EditAsync("digits", new { apiKeys = new { secretRef = new { name = "aidc-api-keys" } } });
        await Eventually.Assert(async () => await ServiceAsync(cluster) is null && await PolicyAsync(cluster) is not null, Deadline, "closed");
        await cluster.WaitAsync("digits", s => Addressable(s).Message.Contains("gateways", StringComparison.Ordinal));

        await cluster.EditAsync("digits", JsonNode.Parse("""{"apiKeys": null}""")!);
        await Eventually.Assert(async () => await ServiceAsync(cluster) is not null && await PolicyAsync(cluster) is null, Deadline, "open");
        await cluster.WaitAsync("digits", s => Addressable(s).Message.Contains("its Service leads to its replicas", StringComparison.Ordinal));
    }

    [Test]
    public async Task Keys_that_are_added_with_a_mistake_elsewhere_close_the_direct_way_all_the_same()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Open);
        await ReadyAsync(cluster);

        await cluster.EditAsync("digits", new { model = new { uri = "hostpath:///etc" }, apiKeys = new { secretRef = new { name = "aidc-api-keys" } } });

        await cluster.WaitAsync("digits", s => ConditionHelper.Find(s.Status.Conditions, ConditionTypes.Valid)?.Status == "False");
        await Eventually.Assert(async () => await ServiceAsync(cluster) is null && await PolicyAsync(cluster) is not null, Deadline, "closed");
        Assert.That((await cluster.WaitAsync("digits", _ => true)).Status.Replicas?.Ready, Is.EqualTo(1), "what serves goes on");
    }

    [Test]
    public async Task Dying_at_any_write_of_an_edit_of_the_keys([Values(1, 2, 3, 4)] int write, [Values] bool served, [Values] bool added)
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using (await ServingOperator.StartAsync(cluster.Namespace))
        {
            await cluster.ApplyAsync("digits", added ? Open : Keyed);
            await ReadyAsync(cluster);
        }

        await cluster.EditAsync("digits", JsonNode.Parse($$"""{"apiKeys": {{(added ? """{"secretRef": {"name": "aidc-api-keys"}}""" : "null")}}}""")!);
        await ServingOperator.LiveUntilAsync(cluster.Namespace, write, served, DoneAsync);
        await using var next = await ServingOperator.StartAsync(cluster.Namespace);

        await DoneAsync();

        Task DoneAsync() => Eventually.Assert(
            async () => (await ServiceAsync(cluster) is null, await PolicyAsync(cluster) is not null) == (added, added)
                && Addressable((await cluster.Client.GetAsync<InferenceService>(cluster.Name("digits"), default))!).Message.Contains("gateways", StringComparison.Ordinal) == added,
            Deadline, added ? "closed" : "open");
    }

    [Test]
    public async Task Gateways_are_known_by_their_namespace_where_namespaces_carry_their_names()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        var home = (await TestNamespace.CreateAsync(ServingPlane.Plane)).Name;
        await ServingPlane.Plane.KubectlAsync("label", "namespace", home, "--overwrite", $"kubernetes.io/metadata.name={home}");
        await using var host = await ServingOperator.StartAsync(cluster.Namespace, home: home);
        await cluster.ApplyAsync("digits", Keyed);
        await ReadyAsync(cluster);

        var policy = (await PolicyAsync(cluster))!;

        var peer = policy.Spec.Ingress.Single(i => i.FromProperty is not null).FromProperty.Single();
        Assert.That(peer.NamespaceSelector.MatchLabels, Is.EqualTo(new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = home }));
    }

    [Test]
    public async Task Objects_of_somebody_else_in_the_place_of_the_fence_are_left_alone_and_told()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await ServingPlane.Plane.TryKubectlAsync(["create", "-n", cluster.Namespace, "-f", "-"],
            """{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"digits"},"spec":{"podSelector":{"matchLabels":{"app":"other"}}}}""");
        await ServingPlane.Plane.KubectlAsync("create", "service", "clusterip", "digits", "--tcp=80:80", "-n", cluster.Namespace);
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Keyed);

        var service = await cluster.WaitAsync("digits", s => s.Status.Phase == InferenceServicePhase.Degraded);
        Assert.That(service.Status.Message, Does.Contain("NetworkPolicy digits exists and is not this service's"));
        Assert.That((await PolicyAsync(cluster))!.Spec.PodSelector.MatchLabels, Contains.Key("app"), "it is as it was");
        Assert.That((await ServiceAsync(cluster))!.Spec.Selector, Contains.Key("app"), "it is as it was");

        await ServingPlane.Plane.KubectlAsync("delete", "networkpolicy", "digits", "-n", cluster.Namespace);
        await cluster.WaitAsync("digits", s => s.Status.Phase == InferenceServicePhase.Ready && Addressable(s).Status == "True");
        Assert.That((await PolicyAsync(cluster))!.Spec.PodSelector.MatchLabels, Contains.Key(Labels.InferenceService));
    }

    [Test]
    public async Task Each_revision_has_a_budget_of_its_own_which_goes_with_it_so_that_one_that_is_stuck_holds_up_no_drain_of_the_other()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Open with { Scaling = new() { Replicas = 2 } });
        var first = (await ReadyAsync(cluster, 2)).Status.Stable!;
        await Eventually.Assert(async () => (await BudgetsAsync(cluster)).SequenceEqual([first]), Deadline, "the first revision's");
        var second = Names.Revision("digits", RevisionHash.Of(
            new() { Metadata = new() { Name = "digits" }, Spec = Open with { Model = new() { Uri = "pvc://models/b" } } }, new(new() { Uri = "pvc://models/b" }, "pvc://models/b")));
        cluster.Break(second);

        await cluster.EditAsync("digits", new { model = new { uri = "pvc://models/b" } });
        await cluster.WaitAsync("digits", s => s.Status.Phase == InferenceServicePhase.Degraded);
        await Eventually.Assert(async () => (await BudgetsAsync(cluster)).SequenceEqual(new[] { first, second }.Order(StringComparer.Ordinal)), Deadline, "one each");
        var selectors = await SelectorsAsync(cluster);
        foreach (var pod in await cluster.PodsAsync())
            Assert.That(selectors.Count(s => s.All(l => pod.Metadata.Labels.Contains(l))), Is.EqualTo(1), "an eviction of a pod that two budgets select is an error");

        await cluster.EditAsync("digits", new { model = new { uri = "pvc://models/c" } });
        var third = (await cluster.WaitAsync("digits", s => s.Status.Stable != second && s.Status.Stable != first && s.Status.Revisions is [{ Ready: 2 }])).Status.Stable!;
        await Eventually.Assert(async () => (await BudgetsAsync(cluster)).SequenceEqual([third]), Deadline, "those of the others are gone");
    }

    [Test]
    public async Task The_budget_over_all_revisions_that_the_version_before_made_is_replaced()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        var service = await cluster.ApplyAsync("digits", Open);
        var tries = await Task.WhenAll(((string[])["v1", "v1beta1"]).Select(version => ServingPlane.Plane.TryKubectlAsync(["create", "-n", cluster.Namespace, "-f", "-"], $$$$$"""
            {"apiVersion":"policy/{{{{{version}}}}}","kind":"PodDisruptionBudget",
             "metadata":{"name":"digits","labels":{"aidc.dev/inference-service":"digits","app.kubernetes.io/managed-by":"aidc-operator"},
              "ownerReferences":[{"apiVersion":"aidc.dev/v1alpha1","kind":"InferenceService","name":"digits","uid":"{{{{{service.Metadata.Uid}}}}}","controller":true}]},
             "spec":{"maxUnavailable":1,"selector":{"matchLabels":{"aidc.dev/inference-service":"digits"}}}}
            """)));
        Assert.That(tries.Select(t => t.ExitCode), Has.Some.Zero, string.Join('\n', tries.Select(t => t.Error)));

        await using var host = await ServingOperator.StartAsync(cluster.Namespace);

        var stable = (await ReadyAsync(cluster)).Status.Stable!;
        await Eventually.Assert(async () => (await BudgetsAsync(cluster)).SequenceEqual([stable]), Deadline, "its own alone");
    }

    private static Task<InferenceService> ReadyAsync(ServingCluster cluster, int replicas = 1) =>
        cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == replicas && ConditionHelper.Find(s.Status.Conditions, ConditionTypes.Addressable) is { Status: "True" });

    private static V1Condition Addressable(InferenceService service) => ConditionHelper.Find(service.Status.Conditions, ConditionTypes.Addressable)!;

    private static Task<V1Service?> ServiceAsync(ServingCluster cluster) => cluster.Client.GetAsync<V1Service>(cluster.Name("digits"), default);

    private static Task<V1NetworkPolicy?> PolicyAsync(ServingCluster cluster) => cluster.Client.GetAsync<V1NetworkPolicy>(cluster.Name("digits"), default);

    private static async Task<IReadOnlyList<string>> BudgetsAsync(ServingCluster cluster) =>
        [.. (await ItemsAsync(cluster)).Select(i => i!["metadata"]!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal)];

    private static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> SelectorsAsync(ServingCluster cluster) =>
        [.. (await ItemsAsync(cluster)).Select(i => i!["spec"]!["selector"]!["matchLabels"]!.AsObject().ToDictionary(l => l.Key, l => l.Value!.GetValue<string>()))];

    private static async Task<JsonArray> ItemsAsync(ServingCluster cluster) =>
        JsonNode.Parse(await ServingPlane.Plane.KubectlAsync("get", "pdb", "-n", cluster.Namespace, "-o", "json"))!["items"]!.AsArray();
}
