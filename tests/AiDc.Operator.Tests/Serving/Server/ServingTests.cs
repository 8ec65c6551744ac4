using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Controllers;
using AiDc.Serving.V1;
using AiDc.Testing;
using k8s.Models;

namespace AiDc.Operator.Tests.Serving.Server;

/// <summary>Services on a real API server with the cluster's own Deployments.</summary>
[TestFixture, Category("Integration")]
internal sealed class ServingTests
{
    private static readonly InferenceServiceSpec Spec = new() { Model = new() { Uri = "pvc://models/a" } };

    [Test]
    public async Task A_service_gets_its_replicas_its_Service_and_its_budget_and_all_go_with_it()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Spec);

        var service = await cluster.WaitAsync("digits", s => s.Status.Phase == InferenceServicePhase.Ready);

        Assert.That(ConditionHelper.IsTrue(service.Status.Conditions, ConditionTypes.Ready), Is.True);
        Assert.That(service.Status.Traffic.Single(), Has.Property("Percent").EqualTo(100).And.Property("Revision").EqualTo(service.Status.Stable));
        Assert.That((await cluster.Client.GetAsync<V1Service>(cluster.Name("digits"), default))!.Spec.Selector, Contains.Key(Labels.InferenceService));
        Assert.That(await ServingPlane.Plane.KubectlAsync("get", "pdb", service.Status.Stable!, "-n", cluster.Namespace), Does.Contain(service.Status.Stable!));

        await ServingPlane.Plane.KubectlAsync("scale", "isvc/digits", "--replicas=3", "-n", cluster.Namespace);
        service = await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 3);
        Assert.That(service.Status.Decisions[0], Has.Property("To").EqualTo(3).And.Property("Why").Contains("spec.scaling.replicas"));

        await cluster.Client.DeleteAsync<InferenceService>(cluster.Name("digits"), new(PropagationPolicy: "Background"), default);
        await Eventually.Assert(async () => (await cluster.PodsAsync()).Count == 0 && (await cluster.RevisionsAsync()).Count == 0, TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task The_scale_subresource_says_what_the_load_asks_for_and_who_writes_there_pins()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        cluster.Break(Names.Revision("digits", AiDc.Operator.Serving.Builders.RevisionHash.Of(
            new() { Metadata = new() { Name = "digits" }, Spec = Spec }, new(Spec.Model!, Spec.Model!.Uri!))));
        await cluster.ApplyAsync("digits", Spec with { Scaling = new() { Min = 2 } });

        await Eventually.Assert(async () => await ScaleAsync(cluster) is (2, 2, _), TimeSpan.FromSeconds(60), "two wanted, two pods that are not ready");
        var selector = (await ScaleAsync(cluster)).Selector;
        Assert.That(selector, Is.EqualTo($"{Labels.InferenceService}=digits"));

        await ServingPlane.Plane.KubectlAsync("scale", "isvc/digits", "--replicas=3", "-n", cluster.Namespace);
        await Eventually.Assert(async () => await ScaleAsync(cluster) is (3, 3, _), TimeSpan.FromSeconds(60), "three pods");
        await cluster.WaitAsync("digits", s => s.Metadata.Annotations?.ContainsKey(Annotations.ReplicasByLoad) != true);
        await ServingPlane.Plane.KubectlAsync("scale", "isvc/digits", "--replicas=2", "-n", cluster.Namespace);
        var service = await cluster.WaitAsync("digits", s => s.Status.Replicas?.Pods == 2);
        Assert.That(service.Status.Decisions[0].Why, Does.Contain("spec.scaling.replicas"), "what the load once asked for is a wish like any other");

        await cluster.EditAsync("digits", System.Text.Json.Nodes.JsonNode.Parse("""{"scaling": {"replicas": null, "min": 1, "max": 1}}""")!);
        await Eventually.Assert(async () => await ScaleAsync(cluster) is (1, 1, _), TimeSpan.FromSeconds(60), "the load decides again");
    }

    private static async Task<(int Wanted, int Pods, string Selector)> ScaleAsync(ServingCluster cluster)
    {
        var result = await ServingPlane.Plane.TryKubectlAsync(["get", "--raw", $"/apis/aidc.dev/v1alpha1/namespaces/{cluster.Namespace}/inferenceservices/digits/scale"]);
        if (result.ExitCode != 0) return (-1, -1, result.Error);
        var scale = System.Text.Json.Nodes.JsonNode.Parse(result.Output)!;
        return (scale["spec"]!["replicas"]!.GetValue<int>(), scale["status"]!["replicas"]!.GetValue<int>(), scale["status"]!["selector"]?.GetValue<string>() ?? "");
    }

    [Test]
    public async Task Objects_of_somebody_else_with_the_name_are_left_alone_and_told_and_once_they_are_gone_ours_are_made()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        var revision = Names.Revision("taken", AiDc.Operator.Serving.Builders.RevisionHash.Of(
            new() { Metadata = new() { Name = "taken" }, Spec = Spec }, new(Spec.Model!, Spec.Model!.Uri!)));
        await ServingPlane.Plane.KubectlAsync("create", "service", "clusterip", "taken", "--tcp=80:80", "-n", cluster.Namespace);
        // Servers before 1.21 have the older version only.
        var tries = await Task.WhenAll(((string[])["v1", "v1beta1"]).Select(version => ServingPlane.Plane.TryKubectlAsync(["create", "-n", cluster.Namespace, "-f", "-"],
            $$$$$"""{"apiVersion":"policy/{{{{{version}}}}}","kind":"PodDisruptionBudget","metadata":{"name":"{{{{{revision}}}}}"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"other"}}}}""")));
        Assert.That(tries.Select(t => t.ExitCode), Has.Some.Zero, string.Join('\n', tries.Select(t => t.Error)));
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("taken", Spec);

        var service = await cluster.WaitAsync("taken", s => s.Status.Phase == InferenceServicePhase.Degraded);
        Assert.That(service.Status.Message, Does.Contain($"PodDisruptionBudget {revision} exists and is not this service's"));
        var addressable = ConditionHelper.Find(service.Status.Conditions, ConditionTypes.Addressable)!;
        Assert.That((addressable.Status, addressable.Reason), Is.EqualTo(("False", Reasons.NameConflict)));
        Assert.That((await cluster.Client.GetAsync<V1Service>(cluster.Name("taken"), default))!.Spec.Selector, Contains.Key("app"), "it is as it was");

        await ServingPlane.Plane.KubectlAsync("delete", "pdb", revision, "-n", cluster.Namespace);
        service = await cluster.WaitAsync("taken", s => s.Status.Message.Contains("Service taken exists and is not this service's", StringComparison.Ordinal)
            && !s.Status.Message.Contains("PodDisruptionBudget", StringComparison.Ordinal));

        await ServingPlane.Plane.KubectlAsync("delete", "service", "taken", "-n", cluster.Namespace);
        await cluster.WaitAsync("taken", s => s.Status.Phase == InferenceServicePhase.Ready && ConditionHelper.IsTrue(s.Status.Conditions, ConditionTypes.Addressable));
        Assert.That((await cluster.Client.GetAsync<V1Service>(cluster.Name("taken"), default))!.Spec.Selector, Contains.Key(Labels.InferenceService));
    }

    [Test]
    public async Task A_new_model_takes_over_and_the_revision_before_is_gone()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Spec with { Scaling = new() { Replicas = 2 } });
        var before = (await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 2)).Status.Stable;

        await cluster.EditAsync("digits", new { model = new { uri = "pvc://models/b" } });

        var service = await cluster.WaitAsync("digits", s => s.Status.Stable != before && s.Status.Revisions is [{ Ready: 2, Weight: 100 }]);
        await Eventually.Assert(async () => (await cluster.RevisionsAsync()).Select(d => d.Metadata.Name).SequenceEqual([service.Status.Stable!]), TimeSpan.FromSeconds(60));
        Assert.That(service.Status.Model!.Uri, Is.EqualTo("pvc://models/b"));
    }

    [Test]
    public async Task A_model_that_does_not_load_is_explained_and_what_served_before_goes_on()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Spec);
        var before = (await cluster.WaitAsync("digits", s => s.Status.Phase == InferenceServicePhase.Ready)).Status.Stable!;
        cluster.Break(Names.Revision("digits", AiDc.Operator.Serving.Builders.RevisionHash.Of(
            new() { Metadata = new() { Name = "digits" }, Spec = Spec with { Model = new() { Uri = "pvc://models/b" } } }, new(new() { Uri = "pvc://models/b" }, "pvc://models/b"))));

        await cluster.EditAsync("digits", new { model = new { uri = "pvc://models/b" } });

        var service = await cluster.WaitAsync("digits", s => s.Status.LastFailure is not null);
        Assert.That(service.Status.LastFailure, Has.Property("ExitCode").EqualTo(2).And.Property("LogTail").EqualTo("reading /model\nno such file"));
        service = await cluster.WaitAsync("digits", s => s.Status.Phase == InferenceServicePhase.Degraded);
        Assert.That(service.Status.Traffic.Single().Revision, Is.EqualTo(before));
    }

    [Test]
    public async Task Replicas_of_a_node_that_is_powered_off_are_replaced()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Spec with { Scaling = new() { Replicas = 4 } });
        await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 4);
        var lost = (await cluster.PodsAsync()).Where(p => p.Spec.NodeName == cluster.Nodes[0]).Select(p => p.Metadata.Name).ToList();
        Assert.That(lost, Is.Not.Empty);

        cluster.PowerOff(cluster.Nodes[0]);

        await Eventually.Assert(async () => !(await cluster.PodsAsync()).Any(p => lost.Contains(p.Metadata.Name)), TimeSpan.FromSeconds(60));
        var service = await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 4);
        Assert.That(service.Status.LastFailure!.Reason, Is.EqualTo(Reasons.NodeLost));
        Assert.That((await cluster.PodsAsync()).Count(p => p.Spec.NodeName == cluster.Nodes[1]), Is.EqualTo(4));
    }

    [Test]
    public async Task A_replica_that_gateways_cannot_reach_gets_another_one()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Spec with { Scaling = new() { Replicas = 2 } });
        var service = await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 2);
        using var gateway = host.Board.Join("gateway-1");
        var pod = (await cluster.PodsAsync())[0].Metadata.Name;

        for (var i = 0; i < 2; i++) host.Board.Report("gateway-1", new Load { Unreachable = { $"{cluster.Namespace}/{pod}" } });

        await Eventually.Assert(async () => (await cluster.PodsAsync()).Count == 3, TimeSpan.FromSeconds(60));
        Assert.That((await cluster.PodsAsync()).Select(p => p.Metadata.Name), Does.Contain(pod));

        host.Board.Report("gateway-1", new Load());
        await Eventually.Assert(async () => (await cluster.PodsAsync()).Count == 2, TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task A_canary_is_judged_by_what_gateways_report_and_rolled_back_when_its_replicas_end()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", Spec with { Scaling = new() { Replicas = 2 } });
        var stable = (await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 2)).Status.Stable!;
        using var gateway = host.Board.Join("gateway-1");
        host.Board.Report("gateway-1", new Load());

        await cluster.EditAsync("digits", new { canary = new { model = new { uri = "pvc://models/b" }, analysis = new { interval = "1s", minSamples = 10, steps = new[] { 20, 100 } } } });
        var service = await cluster.WaitAsync("digits", s => s.Status.Canary?.Since is not null);
        var canary = service.Status.Canary!.Revision!;
        Assert.That(service.Status.Revisions.ToDictionary(r => r.Name, r => r.Weight), Is.EqualTo(new Dictionary<string, int> { [stable] = 80, [canary] = 20 }));

        var answered = 0;
        service = await cluster.WaitAsync("digits", s =>
        {
            Report(host, cluster.Namespace, stable, canary, answered += 25);
            return s.Status.Canary is { Step: 1, Since: not null };
        });
        Assert.That(service.Status.Revisions.Single(r => r.Name == canary).Weight, Is.EqualTo(100));

        cluster.Break(canary);

        service = await cluster.WaitAsync("digits", s => s.Status.Canary?.Verdict == CanaryVerdict.RolledBack);
        Assert.That(service.Status.Canary!.Message, Does.Contain("no such file"));
        Assert.That(service.Status.Traffic.Single().Revision, Is.EqualTo(stable));
        await Eventually.Assert(async () => (await cluster.RevisionsAsync()).Count == 1, TimeSpan.FromSeconds(60));
    }

    [Test]
    public async Task Another_operator_goes_on_where_the_one_before_was_stopped()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using (await ServingOperator.StartAsync(cluster.Namespace))
        {
            await cluster.ApplyAsync("digits", Spec with { Scaling = new() { Replicas = 2 } });
            await cluster.WaitAsync("digits", s => s.Status.Stable is not null);
        }

        await using var second = await ServingOperator.StartAsync(cluster.Namespace);

        await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 2);
        Assert.That(await cluster.RevisionsAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_service_waits_for_its_training_job_and_starts_when_that_succeeds()
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using var host = await ServingOperator.StartAsync(cluster.Namespace);
        await cluster.ApplyAsync("digits", new() { Model = new() { TrainingJob = "mnist" } });
        var service = await cluster.WaitAsync("digits", s => s.Status.ObservedGeneration is not null);
        Assert.That(service.Status.Message, Does.Contain("TrainingJob mnist, which does not exist"));

        var job = await cluster.Client.CreateAsync(Suspended(cluster.Namespace), default);
        await cluster.Client.ApplyStatusAsync(job, new TrainingJobStatus { Phase = TrainingJobPhase.Succeeded, Result = new() { Uri = "pvc://models/run-1/model" } }, default);

        service = await cluster.WaitAsync("digits", s => s.Status.Phase == InferenceServicePhase.Ready);
        Assert.That((service.Status.Model!.Uri, service.Status.Model.TrainingJobUid), Is.EqualTo(("pvc://models/run-1/model", job.Metadata.Uid)));
    }

    /// <summary>A job that no operator starts.</summary>
    private static TrainingJob Suspended(string ns) => new()
    {
        Metadata = new() { Name = "mnist", NamespaceProperty = ns },
        Spec = new()
        {
            Suspend = true,
            Trainer = new() { Task = "image-classification", Data = new() { Uri = "pvc://datasets/mnist", Format = "idx" } },
            Checkpoint = new() { Uri = "pvc://models/run-1" },
        },
    };

    private static void Report(ServingOperator host, string ns, string stable, string canary, int answered) => host.Board.Report("gateway-1", new Load
    {
        Services =
        {
            new ServiceLoad
            {
                Service = new NamespacedName(ns, "digits").ToString(),
                Revisions =
                {
                    new RevisionLoad { Revision = stable, CompletedTotal = (ulong)answered, ServiceSecondsTotal = answered * 0.01 },
                    new RevisionLoad { Revision = canary, CompletedTotal = (ulong)answered, ServiceSecondsTotal = answered * 0.01 },
                },
            },
        },
    });
}
