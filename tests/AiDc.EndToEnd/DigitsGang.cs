using System.Text.Json;

namespace AiDc.EndToEnd;

/// <summary>A TrainingJob named digits of several workers, and what is seen of it.</summary>
internal static class DigitsGang
{
    public static void TrainsWith(TestBed bed, int workers)
    {
        bed.Eventually($"{workers} workers are one group", () => Members(bed).Count == workers);
        bed.Eventually("they train", () => TrainsOn(bed));
    }

    /// <summary>Whether the step that the status shows grows.</summary>
    public static bool TrainsOn(TestBed bed)
    {
        var before = Step(bed);
        if (bed.Phase("digits") == "Succeeded")
            return true;
        Thread.Sleep(TimeSpan.FromSeconds(6)); // Progress is written every 5 s.
        return Step(bed) > before || bed.Phase("digits") == "Succeeded";
    }

    public static double Step(TestBed bed) => bed.Status("digits").TryGetProperty("progress", out var progress) ? Number(progress, "step") : 0;

    public static List<string> Members(TestBed bed) =>
        bed.Status("digits").TryGetProperty("membership", out var membership) && membership.TryGetProperty("members", out var members)
            ? [.. members.EnumerateArray().Select(m => m.GetProperty("podUid").GetString()!)]
            : [];

    public static List<(string Name, string Uid, string Node, string Phase)> Pods(TestBed bed) =>
    [
        .. JsonDocument.Parse(bed.Kubectl("get", "pods", "-l", "aidc.dev/job=digits", "-o", "json")).RootElement.GetProperty("items").EnumerateArray()
            .Where(p => !p.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _))
            .Select(p => (
                p.GetProperty("metadata").GetProperty("name").GetString()!,
                p.GetProperty("metadata").GetProperty("uid").GetString()!,
                p.GetProperty("spec").TryGetProperty("nodeName", out var node) ? node.GetString()! : "",
                p.GetProperty("status").GetProperty("phase").GetString()!))
            .OrderBy(p => p.Item1, StringComparer.Ordinal),
    ];

    public static string UidOf(TestBed bed, string pod) =>
        bed.Kubectl("get", "pod", pod, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}");

    /// <summary>The trainer's own checker, in a pod: each sample once an epoch over the surviving history.</summary>
    /// <param name="epochs">Of a training that has ended; null for one that goes on.</param>
    public static void VerifyLedger(TestBed bed, int? epochs = null) => bed.RunTrainer(
        "verify", ["verify-ledger", "--ledger", "/bed/models/ledger", "--samples", "2000", .. epochs is null ? Array.Empty<string>() : ["--epochs", $"{epochs}"]]);

    public static double Number(JsonElement parent, string name) => TrainingLifeTests.Number(parent, name);

    public static string Job(string name, string data, string models, string workers, int epochs, string every = "30s", string resources = "{cpu: 200m}") => $$"""
        apiVersion: aidc.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: {{name}}}
        spec:
          workers: {{workers}}
          resources: {{resources}}
          trainer:
            task: image-classification
            model: {name: cnn}
            data: {uri: "hostpath://{{data}}", format: idx}
            epochs: {{epochs}}
            globalBatchSize: 60
            optimizer: {name: adam, learningRate: 0.001}
          checkpoint: {uri: "hostpath://{{models}}", every: {{every}}, keep: 3}
          template:
            spec:
              containers: [{name: trainer, env: [{name: AIDC_LEDGER_DIR, value: /checkpoint/ledger}]}]
              topologySpreadConstraints:
              - maxSkew: 1
                topologyKey: kubernetes.io/hostname
                whenUnsatisfiable: ScheduleAnyway
                labelSelector:
                  matchLabels: {aidc.dev/job: "{{name}}"}
        """;
}
