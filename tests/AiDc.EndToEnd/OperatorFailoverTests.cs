namespace AiDc.EndToEnd;

/// <summary>The operator's replicas are killed while jobs run on real nodes.</summary>
public sealed class OperatorFailoverTests
{
    [Test]
    public void The_leader_is_killed_during_training_and_nothing_is_lost_or_made_twice()
    {
        using var bed = new TestBed("leader");
        var data = bed.Digits();
        bed.Apply(TrainingLifeTests.DigitsJob("digits", data, bed.WritableFolder("models"), epochs: 20, every: "2s"));
        bed.Eventually("it trains", () => bed.Status("digits").TryGetProperty("progress", out var p) && TrainingLifeTests.Number(p, "step") > 0);

        var pod = bed.Kubectl("get", "pods", "-l", "aidc.dev/job=digits", "-o", "jsonpath={.items[*].metadata.uid}");
        var leader = Leader();
        Shell.Run("kubectl", "-n", TestBed.OperatorNamespace, "delete", "pod", leader, "--grace-period=0", "--force");
        bed.Eventually("another replica leads", () => Leader() is { Length: > 0 } now && now != leader);
        var before = TrainingLifeTests.Number(bed.Status("digits").GetProperty("progress"), "step");
        bed.Eventually(
            "progress goes on under the new leader",
            () => bed.Phase("digits") == "Succeeded" || TrainingLifeTests.Number(bed.Status("digits").GetProperty("progress"), "step") > before);
        bed.WaitForPhase("digits", "Succeeded", 240);

        Assert.Multiple(() =>
        {
            Assert.That(bed.Kubectl("get", "pods", "-l", "aidc.dev/job=digits", "-o", "jsonpath={.items[*].metadata.uid}"), Is.EqualTo(pod));
            Assert.That(TrainingLifeTests.Number(bed.Status("digits"), "restarts"), Is.Zero);
        });
    }

    /// <summary>The holder identity begins with the pod's name.</summary>
    private static string Leader() => Shell.Run(
        "kubectl", "-n", TestBed.OperatorNamespace, "get", "lease", "aidc-operator", "-o", "jsonpath={.spec.holderIdentity}").Split('_')[0];
}
