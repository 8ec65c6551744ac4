using System.Text.Json;
using AiDc.Trainer.Tests.Training;

namespace AiDc.Trainer.Tests.Cli;

/// <summary>What only a real process can show: exit codes, signals, sudden death, full disks.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ProcessTests : IDisposable
{
    private readonly RunFolder _folder = new(train: 400, test: 40);

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Killed_at_random_moments_of_writing_checkpoints_it_goes_on_to_the_same_model()
    {
        const int epochs = 12;
        var straight = Path.Combine(_folder.Root, "straight");
        Assert.That(TrainerProcess.Run(Train(straight, epochs)).ExitCode, Is.Zero);

        var random = new Random(20);
        var killed = Path.Combine(_folder.Root, "killed");
        var kills = 0;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var process = new TrainerProcess(Train(killed, epochs), new Dictionary<string, string> { ["AIDC_ATTEMPT"] = $"{attempt}" });
            // With a checkpoint under way nearly always, some microseconds more or less hit any moment of it.
            if (!process.WaitForLine("\"event\":\"checkpoint\"", count: 2 + attempt)) break;
            Thread.SpinWait(random.Next(2_000_000));
            process.Kill();
            if (process.WaitForExit() == 137) kills++;
        }

        Assert.That(kills, Is.GreaterThan(0), "the run was over before it could be killed");
        using var last = new TrainerProcess(Train(killed, epochs), new Dictionary<string, string> { ["AIDC_ATTEMPT"] = "9" });
        Assert.That(last.WaitForExit(), Is.Zero, last.Output);
        Assert.That(last.WaitForLine("\"event\":\"resumed\""), last.Output);
        Assert.That(File.ReadAllBytes(Path.Combine(killed, "model", "model.safetensors")), Is.EqualTo(File.ReadAllBytes(Path.Combine(straight, "model", "model.safetensors"))));
        Assert.That(Directory.GetDirectories(killed, "g*").Select(Path.GetFileName), Has.All.StartsWith("g"));
        Assert.That(Directory.GetDirectories(killed, "g*").All(d => File.Exists(Path.Combine(d, "manifest.json"))), "what the killed ones left was not removed");
    }

    [Test]
    public void SIGTERM_ends_it_with_143_after_a_checkpoint()
    {
        var folder = Path.Combine(_folder.Root, "terminated");
        using var process = new TrainerProcess(Train(folder, checkpointEvery: "1h", epochs: 1000));
        Assert.That(process.WaitForLine("\"event\":\"step\""), process.Output);
        process.Terminate();
        Assert.That(process.WaitForExit(), Is.EqualTo(143));
        using var last = JsonDocument.Parse(process.Lines[^1]);
        Assert.That(last.RootElement.GetProperty("event").GetString(), Is.EqualTo("stopped"));
        Assert.That(File.Exists(Path.Combine(Directory.GetDirectories(folder, "g0-s*").Single(), "manifest.json")));
    }

    [Test]
    public void A_full_disk_ends_it_with_3_names_the_file_and_leaves_nothing_half_written()
    {
        var folder = Path.Combine(_folder.Root, "full");
        Directory.CreateDirectory(folder);
        // A disk of a size that holds not even one checkpoint, in a mount namespace of its own; listed from within, as it ends with it.
        using var process = new TrainerProcess(Train(folder), wrapper:
        [
            "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
            $"mount -t tmpfs -o size=300k none '{folder}' && \"$0\" \"$@\"; code=$?; find '{folder}' -mindepth 1 | sed 's/^/left: /' >&2; exit $code",
        ]);
        Assert.That(process.WaitForExit(), Is.EqualTo(3), process.Error);
        using var last = JsonDocument.Parse(process.Lines[^1]);
        Assert.That(last.RootElement.GetProperty("message").GetString(), Does.StartWith(folder).And.Contain(".safetensors").And.Contain("no space is left on the device"));
        Assert.That(last.RootElement.GetProperty("exitCode").GetInt32(), Is.EqualTo(3));
        Assert.That(process.Error, Does.Not.Contain("left: "));
    }

    [Test]
    public void A_checkpoint_folder_on_a_read_only_disk_ends_it_with_3_at_once()
    {
        var folder = Path.Combine(_folder.Root, "read-only");
        Directory.CreateDirectory(folder);
        using var process = new TrainerProcess(Train(folder), wrapper:
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", $"mount -t tmpfs -o ro none '{folder}' && exec \"$0\" \"$@\""]);
        Assert.That(process.WaitForExit(), Is.EqualTo(3), process.Error);
        Assert.That(process.Lines[^1], Does.Contain(folder).And.Contain("read-only"));
        Assert.That(process.Output, Does.Not.Contain("\"event\":\"step\""));
    }

    [Test]
    public void The_result_goes_into_the_termination_message_and_a_failure_does_not()
    {
        var message = Path.Combine(_folder.Root, "termination-log");
        var environment = new Dictionary<string, string> { ["AIDC_TERMINATION_LOG"] = message };
        var folder = Path.Combine(_folder.Root, "run");
        using (var wrong = new TrainerProcess(Train(folder, batchSize: 0), environment))
        {
            Assert.That(wrong.WaitForExit(), Is.EqualTo(2));
            Assert.That(wrong.Lines[^1], Does.Contain("--batch-size 0"));
        }

        Assert.That(File.Exists(message), Is.False);
        using var right = new TrainerProcess(Train(folder), environment);
        Assert.That(right.WaitForExit(), Is.Zero, right.Output);
        using var json = JsonDocument.Parse(File.ReadAllText(message));
        var result = json.RootElement.GetProperty("result");
        Assert.That(result.GetProperty("uri").GetString(), Is.EqualTo(Path.Combine(folder, "model")));
        Assert.That(result.GetProperty("metrics").GetProperty("testAccuracy").GetDouble(), Is.InRange(0, 1));
        Assert.That(right.Lines, Has.All.StartsWith("{\"at\":"));

        var (code, output, error) = TrainerProcess.Run("evaluate", "--model", Path.Combine(folder, "model"), "--data", _folder.Data, "--format", "idx", "--threads", "1", "--json", "-");
        Assert.That(code, Is.Zero, error);
        using var evaluation = JsonDocument.Parse(output);
        Assert.That(evaluation.RootElement.GetProperty("accuracy").GetDouble(), Is.EqualTo(result.GetProperty("metrics").GetProperty("testAccuracy").GetDouble()));
    }

    private string[] Train(string folder, int epochs = 4, int batchSize = 5, string checkpointEvery = "1ms") =>
    [
        "train", "--data", _folder.Data, "--format", "idx", "--epochs", $"{epochs}", "--batch-size", $"{batchSize}", "--checkpoint-dir", folder,
        "--checkpoint-every", checkpointEvery, "--threads", "1", "--progress", "json", "--batch-norm",
    ];
}
