using AiDc.Api.V1Alpha1;
using AiDc.Testing;

namespace AiDc.Operator.Tests.Serving.Server;

/// <summary>Operators die at every write of a rollout; the next one goes on. Nothing is made twice, and what serves is never fewer than wanted.</summary>
[TestFixture, Category("Integration")]
internal sealed class ServingDeathTests
{
    /// <summary>Status and new revision, then status and scaling in turn, until the one before is deleted.</summary>
    [Test]
    public async Task Dying_at_any_write_of_a_rollout([Values(1, 2, 3, 4, 5, 6, 7)] int write, [Values] bool served)
    {
        await using var cluster = await ServingCluster.CreateAsync();
        await using (await ServingOperator.StartAsync(cluster.Namespace))
        {
            await cluster.ApplyAsync("digits", new() { Model = new() { Uri = "pvc://models/a" }, Scaling = new() { Replicas = 2 } });
            await cluster.WaitAsync("digits", s => s.Status.Replicas?.Ready == 2);
        }
        var before = (await cluster.RevisionsAsync()).Single().Metadata.Name;
        var fewest = int.MaxValue;

        await cluster.EditAsync("digits", new { model = new { uri = "pvc://models/b" } });
        await ServingOperator.LiveUntilAsync(cluster.Namespace, write, served, async () => await WatchAsync(Done));
        await using var next = await ServingOperator.StartAsync(cluster.Namespace);

        await WatchAsync(Done);
        Assert.That(fewest, Is.GreaterThanOrEqualTo(2));
        Assert.That((await cluster.RevisionsAsync()).Single().Metadata.Name, Is.Not.EqualTo(before));

        bool Done(InferenceService service) => service.Status is { Revisions: [{ Ready: 2, Desired: 2 }] } status && status.Stable != before;

        async Task WatchAsync(Func<InferenceService, bool> done) => await Eventually.Assert(
            async () =>
            {
                var ready = (await cluster.PodsAsync()).Count(p => p.Metadata.DeletionTimestamp is null && p.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);
                fewest = Math.Min(fewest, ready);
                return (await cluster.RevisionsAsync()).Count == 1 && done((await cluster.Client.GetAsync<InferenceService>(cluster.Name("digits"), default))!);
            },
            TimeSpan.FromSeconds(60), "the rollout ends");
    }
}
