using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.Operator.Serving.Builders;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class ServiceObjectBuilderTests
{
    private static readonly ApiKeysSpec Keys = new() { SecretRef = new() { Name = "aidc-api-keys" } };

    [Test]
    public void A_service_without_keys_rates_and_zero_may_be_called_directly()
    {
        var objects = Settled(s => s with { RateLimit = new() }).Objects!;

        Assert.That(objects.Service!.Spec.Selector, Is.EqualTo(new Dictionary<string, string> { [Labels.InferenceService] = "digits" }));
        Assert.That(objects.Fence, Is.Null);
    }

    [Test]
    public void With_keys_only_gateways_reach_the_replicas_and_whoever_asks_for_metrics_their_port()
    {
        var objects = Settled(s => s with { ApiKeys = Keys }).Objects!;

        Assert.That((objects.Service, objects.Name), Is.EqualTo(((k8s.Models.V1Service?)null, "digits")));
        var rules = objects.Fence!.Spec.Ingress;
        Assert.That(rules[0].FromProperty.Single().NamespaceSelector.MatchLabels, Is.EqualTo(new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = "aidc-home" }));
        Assert.That(rules[0].FromProperty.Single().PodSelector.MatchLabels, Is.EqualTo(new Dictionary<string, string>
        {
            ["app.kubernetes.io/name"] = "aidc", ["app.kubernetes.io/component"] = "gateway",
        }));
        Assert.That(rules, Has.Count.EqualTo(2));
        Assert.That(rules[1].FromProperty, Is.Null);
        Assert.That(rules[1].Ports.Single().Port.Value, Is.EqualTo("8082"));
    }

    [Test]
    public void A_server_of_ones_own_has_no_port_that_is_open_to_others()
    {
        var objects = Settled(s => s with
        {
            ApiKeys = Keys,
            Template = PodTemplate.From(new() { Spec = new() { Containers = [new() { Name = "server", Image = "theirs", Ports = [new() { ContainerPort = 8082 }] }] } }),
        }).Objects!;

        Assert.That(objects.Fence!.Spec.Ingress.Single().FromProperty, Has.Count.EqualTo(1));
    }

    [Test]
    public void Where_the_gateways_namespace_does_not_carry_its_name_their_labels_have_to_do()
    {
        var fence = Settled(s => s with { ApiKeys = Keys }).Objects!.Fence!;

        var peer = ServiceObjectBuilder.FromAnyNamespace(fence).Spec.Ingress[0].FromProperty.Single();

        Assert.That(peer.NamespaceSelector, Is.Not.Null);
        Assert.That(peer.NamespaceSelector.MatchLabels, Is.Null);
        Assert.That(peer.PodSelector.MatchLabels, Is.EqualTo(fence.Spec.Ingress[0].FromProperty.Single().PodSelector.MatchLabels));
    }

    [TestCase(0, null, false)]
    [TestCase(0, 2, false)]
    [TestCase(1, null, true)]
    [TestCase(1, 0, true)]
    public void A_service_that_may_go_to_zero_is_called_by_way_of_the_gateways_alone(int min, int? replicas, bool directly)
    {
        var scene = Settled(s => s with { Scaling = new() { Min = min, Replicas = replicas } });

        Assert.That((scene.Objects!.Service is not null, scene.Objects.Fence), Is.EqualTo((directly, (k8s.Models.V1NetworkPolicy?)null)));
        var addressable = scene.Condition(ConditionTypes.Addressable);
        Assert.That((addressable.Status, addressable.Reason), Is.EqualTo(("True", directly ? Reasons.ObjectsMade : Reasons.GatewaysOnly)));
    }

    [Test]
    public void What_is_closed_is_told_once_it_is_closed()
    {
        var scene = Settled(s => s);
        scene.ObjectsAreSeenTo = false;

        scene.Edit(s => s with { ApiKeys = Keys }).Reconcile();
        Assert.That(scene.Condition(ConditionTypes.Addressable).Reason, Is.EqualTo(Reasons.ObjectsMade));

        scene.ObjectsAreSeenTo = true;
        scene.Settle();
        Assert.That((scene.Condition(ConditionTypes.Addressable).Status, scene.Condition(ConditionTypes.Addressable).Reason), Is.EqualTo(("True", Reasons.GatewaysOnly)));
        Assert.That(scene.Condition(ConditionTypes.Addressable).Message, Does.Contain("spec.apiKeys").And.Contain("status.url"));
    }

    [Test]
    public void An_invalid_edit_closes_and_never_opens()
    {
        var scene = Settled(s => s);

        scene.Edit(s => s with { ApiKeys = Keys, Model = new() { Uri = "hostpath:///etc" } }).Settle();
        Assert.That((scene.Objects!.Service, scene.Objects.Fence is not null), Is.EqualTo(((k8s.Models.V1Service?)null, true)));
        Assert.That(scene.Objects.Budgets.Select(b => b.Metadata.Name), Is.EqualTo(new[] { scene.Status.Stable }));

        scene.Edit(s => s with { ApiKeys = null }).Settle();
        Assert.That((scene.Objects!.Service, scene.Objects.Fence is not null), Is.EqualTo(((k8s.Models.V1Service?)null, true)), "the spec is still invalid");
    }

    [Test]
    public void Who_goes_past_the_gateways_does_not_meet_a_canary_before_it_has_done_well()
    {
        var scene = Settled(s => s with { Scaling = new() { Replicas = 4 } });
        var stable = scene.Status.Stable!;
        Assert.That(scene.Objects!.Service!.Spec.Selector, Does.Not.ContainKey(Labels.Revision));

        scene.Edit(s => s with { Canary = new() { Model = new() { Uri = "pvc://models/new" }, Analysis = new() { Steps = [20, 100] } } });
        for (var i = 0; i < 5; i++)
        {
            scene.Reconcile();
            Assert.That(scene.Objects.Service!.Spec.Selector, Contains.Key(Labels.Revision).WithValue(stable));
            scene.AllReady().EndDeleted();
        }
        var canary = scene.Status.Canary!.Revision!;

        scene.Crash(canary, restarts: 3).Reconcile();
        Assert.That((scene.Status.Canary!.Verdict, scene.Objects.Service!.Spec.Selector[Labels.Revision]), Is.EqualTo((CanaryVerdict.RolledBack, stable)), "its pods may still be there");

        scene.Settle();
        Assert.That(scene.Objects.Service!.Spec.Selector, Does.Not.ContainKey(Labels.Revision));
    }

    [Test]
    public void Each_revision_has_a_budget_over_its_own_replicas_which_lets_those_go_that_do_not_answer()
    {
        var scene = Settled(s => s with { Scaling = new() { Replicas = 2 } });
        var first = scene.Status.Stable!;

        scene.Edit(s => s with { Model = new() { Uri = "pvc://models/stuck" } }).Reconcile();
        var second = scene.Status.Stable!;

        Assert.That(scene.Objects!.Budgets.Select(b => b.Metadata.Name), Is.EquivalentTo(new[] { first, second }));
        foreach (var budget in scene.Objects.Budgets)
        {
            Assert.That(budget.Spec.Selector.MatchLabels, Is.EqualTo(scene.Deployment(budget.Metadata.Name).Spec.Selector.MatchLabels));
            Assert.That((budget.Spec.MaxUnavailable.Value, budget.Spec.UnhealthyPodEvictionPolicy), Is.EqualTo(("1", "AlwaysAllow")));
        }

        scene.Settle();
        Assert.That(scene.Objects.Budgets.Select(b => b.Metadata.Name), Is.EqualTo(new[] { second }));
    }

    [Test]
    public void Replicas_are_spread_over_nodes_whatever_stands_there_of_other_revisions()
    {
        var scene = Settled(s => s);

        var spread = scene.Deployment(scene.Status.Stable!).Spec.Template.Spec.TopologySpreadConstraints.Single();

        Assert.That(spread.LabelSelector.MatchLabels, Is.EqualTo(scene.Deployment(scene.Status.Stable!).Spec.Selector.MatchLabels));
    }

    private static Scene Settled(Func<InferenceServiceSpec, InferenceServiceSpec> spec) => new Scene(spec) { ObjectsAreSeenTo = true }.Settle();
}
