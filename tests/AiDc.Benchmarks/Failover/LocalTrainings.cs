namespace AiDc.Benchmarks.Failover;

/// <summary>How the trainer runs as any program does: it knows of no gang, and goes on from its checkpoint folder when it is started again.</summary>
internal static class LocalTrainings
{
    /// <summary>A folder for checkpoints and ledger that the trainer's user may write to.</summary>
    /// <remarks>hostPath volumes ignore fsGroup, and that user is not root.</remarks>
    public static StepLedgerFolder Prepare(string root, string name)
    {
        var folder = new StepLedgerFolder(Path.Combine(root, "models", name));
        foreach (var path in new[] { folder.Root, folder.Ledger })
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        }
        return folder;
    }

    /// <summary>The container and its volumes, as lines of a pod's spec.</summary>
    /// <param name="checkpoints">The folder of the checkpoints; with $(RANK), one for each worker.</param>
    public static string PodSpec(string root, StepLedgerFolder folder, string checkpoints) => $$$"""
        containers:
        - name: trainer
          image: {{{Image}}}
          imagePullPolicy: IfNotPresent
          command: [/app/aidc-trainer]
          args: [train, --data, {{{root}}}/data, --format, idx, --model, cnn, --epochs, "1000", --batch-size, "96", --checkpoint-dir, "{{{checkpoints}}}", --checkpoint-every, 10s]
          env: [{name: AIDC_LEDGER_DIR, value: {{{folder.Ledger}}}}]
          securityContext: {runAsNonRoot: true, runAsUser: 10001}
          volumeMounts: [{name: bench, mountPath: {{{root}}}}, {name: tmp, mountPath: /tmp}]
        volumes: [{name: bench, hostPath: {path: {{{root}}}}}, {name: tmp, emptyDir: {}}]
        """;

    private static string Image => Environment.GetEnvironmentVariable("AIDC_TRAINER_IMAGE")
        ?? throw new InvalidOperationException("AIDC_TRAINER_IMAGE is not set: run `make bench NAME=failover`");
}
