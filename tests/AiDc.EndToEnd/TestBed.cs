using System.Diagnostics;
using System.Text.Json;

namespace AiDc.EndToEnd;

/// <summary>
/// One namespace of the real cluster for one test, with folders on the nodes' disk that worker pods may write.
/// The operator was installed from install.yaml before the tests start (`make e2e`).
/// </summary>
internal sealed class TestBed : IDisposable
{
    /// <summary>The folder that the operator was installed to allow for hostpath:// (see hack/install.sh).</summary>
    private const string AllowedHostPath = "/var/lib/aidc/e2e";

    public TestBed(string name)
    {
        Namespace = $"e2e-{name}-{Environment.ProcessId}";
        Folder = Path.Combine(AllowedHostPath, Namespace);
        Directory.CreateDirectory(Folder);
        Shell.Run("kubectl", "create", "namespace", Namespace);
    }

    public string Namespace { get; }

    public string Folder { get; }

    public static string OperatorNamespace => "aidc-system";

    /// <summary>A folder on the nodes' disk that the worker's user may write (hostPath volumes ignore fsGroup).</summary>
    public string WritableFolder(string name)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        return path;
    }

    /// <summary>Digits drawn by the trainer image itself, in a pod, as IDX files.</summary>
    public string Digits(int train = 2000, int test = 500)
    {
        var folder = WritableFolder("digits");
        RunTrainer("make-digits", "make-data", "digits", "--output", "/bed/digits", "--train", $"{train}", "--test", $"{test}", "--seed", "1");
        return folder;
    }

    /// <summary>Runs the trainer image once, in a pod that has this bed's folder at /bed, and waits until it has succeeded.</summary>
    public void RunTrainer(string pod, params string[] arguments)
    {
        Apply($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{{pod}}}}
            spec:
              restartPolicy: Never
              containers:
              - name: trainer
                image: {{{TrainerImage()}}}
                imagePullPolicy: IfNotPresent
                args: [{{{string.Join(", ", arguments.Select(a => $"\"{a}\""))}}}]
                volumeMounts: [{name: bed, mountPath: /bed}]
              volumes: [{name: bed, hostPath: {path: "{{{Folder}}}"}}]
            """);
        Eventually($"pod {pod} has ended", () => Kubectl("get", "pod", pod, "-o", "jsonpath={.status.phase}") is "Succeeded" or "Failed");
        Assert.That(Kubectl("get", "pod", pod, "-o", "jsonpath={.status.phase}"), Is.EqualTo("Succeeded"), Kubectl("logs", pod));
    }

    public static string TrainerImage() => Shell.Run(
        "kubectl", "-n", OperatorNamespace, "get", "deployment", "aidc-operator", "-o",
        "jsonpath={.spec.template.spec.containers[0].env[?(@.name=='Operator__TrainerImage')].value}").Trim();

    public void Apply(string yaml)
    {
        var (code, output, error) = Shell.Try("kubectl", yaml, "-n", Namespace, "apply", "-f", "-");
        Assert.That(code, Is.Zero, $"kubectl apply: {error}{output}\n{yaml}");
    }

    public string Kubectl(params string[] arguments) => Shell.Run("kubectl", ["-n", Namespace, .. arguments]).Trim();

    public void Patch(string name, string json) => Kubectl("patch", "tj", name, "--type", "merge", "-p", json);

    public JsonElement Job(string name) => JsonDocument.Parse(Kubectl("get", "tj", name, "-o", "json")).RootElement;

    public JsonElement Status(string name) =>
        Job(name).TryGetProperty("status", out var status) ? status : JsonDocument.Parse("{}").RootElement;

    public string Phase(string name) => Status(name).TryGetProperty("phase", out var phase) ? phase.GetString()! : "";

    public void WaitForPhase(string name, string phase, int seconds = 180) =>
        Eventually(
            $"{name} is {phase}",
            () =>
            {
                var now = Phase(name);
                Assert.That(
                    now is "Failed" or "Succeeded" && now != phase, Is.False,
                    $"{name} ended {now} instead of {phase}:\n{Kubectl("get", "tj", name, "-o", "yaml")}");
                return now == phase;
            },
            seconds);

    /// <summary>Polls until <paramref name="condition"/> holds; the deadline is generous, a hang and not a slow machine ends it.</summary>
    public void Eventually(string what, Func<bool> condition, int seconds = 120)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(seconds), $"not within {seconds} s: {what}\n{Describe()}");
            Thread.Sleep(250);
        }
    }

    public void Dispose()
    {
        // The namespace would give each pod its whole grace period; nothing here is worth waiting for.
        Shell.Try("kubectl", null, "-n", Namespace, "delete", "tj,pods", "--all", "--grace-period=1", "--timeout=60s");
        Shell.Try("kubectl", null, "delete", "namespace", Namespace, "--wait=false");
        Directory.Delete(Folder, recursive: true);
    }

    private string Describe() => Shell.Try(
        "sh", null, "-c",
        $"kubectl -n {Namespace} get tj,pods -o wide; kubectl -n {Namespace} get events --sort-by=.lastTimestamp | tail -30; " +
        $"kubectl -n {Namespace} get tj -o yaml | tail -120").Output;
}
