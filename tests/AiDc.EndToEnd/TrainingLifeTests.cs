using System.Text.Json;

namespace AiDc.EndToEnd;

/// <summary>A TrainingJob on real nodes: real pods, real training, real kubelets.</summary>
public sealed class TrainingLifeTests
{
    [Test]
    public void A_job_trains_digits_to_the_end_and_says_where_the_model_lies()
    {
        using var bed = new TestBed("train");
        var data = bed.Digits(train: 4000, test: 500);
        var models = bed.WritableFolder("models");

        bed.Apply(DigitsJob("digits", data, models, epochs: 3));
        bed.WaitForPhase("digits", "Succeeded");

        var status = bed.Status("digits");
        var accuracy = double.Parse(Metric(status.GetProperty("result"), "testAccuracy"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Multiple(() =>
        {
            Assert.That(accuracy, Is.GreaterThan(0.8), "test accuracy of three epochs on drawn digits");
            Assert.That(File.Exists(Path.Combine(models, "model", "model.json")), "model.json on the volume");
            Assert.That(File.Exists(Path.Combine(models, "model", "model.safetensors")), "model.safetensors on the volume");
            Assert.That(Condition(status, "Complete"), Is.EqualTo("True"));
            Assert.That(status.GetProperty("observedGeneration").GetInt64(), Is.EqualTo(1));
            Assert.That(bed.Kubectl("get", "tj", "digits", "--no-headers"), Does.Contain("Succeeded"));
        });
    }

    [Test]
    public void A_killed_worker_goes_on_from_its_checkpoint()
    {
        using var bed = new TestBed("kill");
        var data = bed.Digits();
        var models = bed.WritableFolder("models");
        bed.Apply(DigitsJob("digits", data, models, epochs: 60, every: "1s"));
        bed.Eventually("a checkpoint is in the status", () => bed.Status("digits").TryGetProperty("checkpoint", out _));

        var first = bed.Kubectl("get", "pods", "-l", "aidc.dev/job=digits", "-o", "jsonpath={.items[0].metadata.name}");
        bed.Kubectl("exec", first, "--", "bash", "-c", "kill -9 1 2>/dev/null; kill -9 -1; true");
        bed.Kubectl("delete", "pod", first, "--grace-period=0", "--force", "--ignore-not-found");
        bed.Eventually(
            "the second attempt resumed",
            () => Shell.Try("sh", null, "-c", $"kubectl -n {bed.Namespace} logs -l aidc.dev/job=digits,aidc.dev/attempt!=0 --tail=-1").Output
                .Contains("\"event\":\"resumed\"", StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            var status = bed.Status("digits");
            Assert.That(status.GetProperty("restarts").GetInt32(), Is.GreaterThanOrEqualTo(1));
            Assert.That(status.GetProperty("lastFailure").GetProperty("pod").GetString(), Is.EqualTo(first));
        });
    }

    [Test]
    public void A_suspended_job_frees_its_pods_and_resumes_from_the_checkpoint()
    {
        using var bed = new TestBed("suspend");
        var data = bed.Digits();
        var models = bed.WritableFolder("models");
        bed.Apply(DigitsJob("digits", data, models, epochs: 8, every: "1s"));
        bed.Eventually("it trains", () => bed.Status("digits").TryGetProperty("progress", out var p) && Number(p, "step") > 0);

        bed.Patch("digits", """{"spec":{"suspend":true}}""");
        bed.WaitForPhase("digits", "Suspended");
        Assert.That(bed.Kubectl("get", "pods", "-l", "aidc.dev/job=digits", "-o", "name"), Is.Empty);
        Assert.That(Directory.GetDirectories(models, "g*-s*"), Is.Not.Empty, "SIGTERM wrote a checkpoint");

        bed.Patch("digits", """{"spec":{"suspend":false}}""");
        bed.WaitForPhase("digits", "Succeeded");
        Assert.That(bed.Kubectl("logs", "-l", "aidc.dev/job=digits", "--tail=-1"), Does.Contain("\"event\":\"resumed\""));
    }

    [Test]
    public void Missing_data_fails_the_job_at_once_and_the_status_names_the_file()
    {
        using var bed = new TestBed("nodata");
        var empty = bed.WritableFolder("empty");
        bed.Apply(DigitsJob("digits", empty, bed.WritableFolder("models"), epochs: 1));
        bed.WaitForPhase("digits", "Failed");

        var failure = bed.Status("digits").GetProperty("lastFailure");
        Assert.Multiple(() =>
        {
            Assert.That(failure.GetProperty("exitCode").GetInt32(), Is.EqualTo(2), "the documented code of a configuration error");
            Assert.That(failure.GetProperty("logTail").GetString(), Does.Contain("train-images"));
            Assert.That(Number(bed.Status("digits"), "restarts"), Is.Zero, "a configuration error is not retried");
        });
    }

    [Test]
    public void A_job_no_node_can_hold_says_so_while_it_waits()
    {
        using var bed = new TestBed("pending");
        bed.Apply("""
            apiVersion: aidc.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: big}
            spec:
              resources: {gpus: 64}
              template: {spec: {containers: [{name: trainer, image: pause, command: ["true"]}]}}
            """);
        bed.Eventually(
            "the status carries the scheduler's words",
            () => bed.Status("big").TryGetProperty("message", out var why) && why.GetString()!.Contains("nvidia.com/gpu", StringComparison.Ordinal));
        Assert.That(bed.Phase("big"), Is.EqualTo("Starting").Or.EqualTo("Pending"));
    }

    [Test]
    public void An_image_that_cannot_be_pulled_is_named_in_the_status()
    {
        using var bed = new TestBed("pull");
        bed.Apply("""
            apiVersion: aidc.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: nowhere}
            spec:
              template: {spec: {containers: [{name: trainer, image: "registry.invalid/nothing:1", command: ["true"]}]}}
            """);
        bed.Eventually(
            "the status names the image",
            () => bed.Status("nowhere").TryGetProperty("message", out var why)
                && why.GetString()!.Contains("registry.invalid/nothing:1", StringComparison.Ordinal));
    }

    internal static string DigitsJob(string name, string data, string models, int epochs, string every = "30s") => $$"""
        apiVersion: aidc.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: {{name}}}
        spec:
          trainer:
            task: image-classification
            model: {name: cnn}
            data: {uri: "hostpath://{{data}}", format: idx}
            epochs: {{epochs}}
            globalBatchSize: 64
            optimizer: {name: adam, learningRate: 0.001}
          checkpoint: {uri: "hostpath://{{models}}", every: {{every}}, keep: 3}
        """;

    internal static double Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) ? value.GetDouble() : 0;

    private static string Metric(JsonElement result, string name) => result.GetProperty("metrics").GetProperty(name).ToString();

    private static string? Condition(JsonElement status, string type) => status.GetProperty("conditions").EnumerateArray()
        .Where(c => c.GetProperty("type").GetString() == type).Select(c => c.GetProperty("status").GetString()).SingleOrDefault();
}
