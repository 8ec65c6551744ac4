
namespace AiDc.Benchmarks;

/// <summary>Pods of the trainer image in the local cluster, whose nodes share this machine's disk; one at a time.</summary>
internal sealed class TrainerPods : IAsyncDisposable
{
    private const string Namespace = "aidc-bench";
    private readonly string folder;
    private readonly string image;

    private TrainerPods(string folder, string image) => (this.folder, this.image) = (folder, image);

    public string Data => Path.Combine(folder, "data");

    public static async Task<TrainerPods> CreateAsync(string folder, CancellationToken ct)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        foreach (var path in new[] { folder, Path.Combine(folder, "data"), Path.Combine(folder, "models") })
        {
            Directory.CreateDirectory(path);
            // hostPath volumes ignore fsGroup, and the trainer's user is not root.
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        }

        var image = Environment.GetEnvironmentVariable("AIDC_TRAINER_IMAGE")
            ?? throw new InvalidOperationException("AIDC_TRAINER_IMAGE is not set: run `make bench NAME=training`");
        await Repository.RunAsync("kubectl", ["delete", "namespace", Namespace, "--ignore-not-found", "--wait=true"], ct);
        await Repository.RunAsync("kubectl", ["create", "namespace", Namespace], ct);
        return new TrainerPods(folder, image);
    }

    public async Task RunAsync(string name, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        var pod = $$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{{name}}}, namespace: {{{Namespace}}}}
            spec:
              restartPolicy: Never
              securityContext: {runAsNonRoot: true, runAsUser: 10001}
              containers:
              - name: trainer
                image: {{{image}}}
                imagePullPolicy: IfNotPresent
                args: [{{{string.Join(", ", arguments.Select(a => $"\"{a}\""))}}}]
                volumeMounts: [{name: bench, mountPath: /bench}, {name: tmp, mountPath: /tmp}]
              volumes: [{name: bench, hostPath: {path: "{{{folder}}}"}}, {name: tmp, emptyDir: {}}]
            """;
        var file = Path.Combine(folder, name + ".yaml");
        await File.WriteAllTextAsync(file, pod, ct);
        await Repository.RunAsync("kubectl", ["apply", "-f", file], ct);
        while (true)
        {
            var phase = await Repository.RunAsync("kubectl", ["-n", Namespace, "get", "pod", name, "-o", "jsonpath={.status.phase}"], ct);
            if (phase == "Succeeded")
                return;
            if (phase == "Failed")
                throw new InvalidOperationException($"pod {name} failed:\n{await Repository.RunAsync("kubectl", ["-n", Namespace, "logs", name, "--tail=20"], ct)}");
            await Task.Delay(TimeSpan.FromSeconds(2), ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Repository.RunAsync("kubectl", ["delete", "namespace", Namespace, "--wait=true"], CancellationToken.None);
        Directory.Delete(folder, recursive: true);
    }
}
