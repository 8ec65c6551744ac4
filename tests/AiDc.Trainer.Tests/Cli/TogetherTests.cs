using System.Text.Json;
using AiDc.Trainer.Tests.Training;

namespace AiDc.Trainer.Tests.Cli;

/// <summary>Several processes of the real program that train together without an operator.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TogetherTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void Three_processes_that_meet_in_a_folder_end_with_the_same_bits_and_an_exact_ledger()
    {
        var processes = Start(3, "one", "--epochs", "2", "--dropout", "0.2", "--batch-norm").ToArray();
        foreach (var process in processes) Assert.That(process.WaitForExit(), Is.Zero, process.Output);

        var reports = new[] { "report.json", "report.1.json", "report.2.json" }.Select(f => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Root, f))).RootElement).ToArray();
        Assert.That(reports.Select(r => r.GetProperty("parametersSha256").GetString()).Distinct().Count(), Is.EqualTo(1));
        Assert.That(reports[0].GetProperty("worldSize").GetInt32(), Is.EqualTo(3));
        Assert.That(reports[0].GetProperty("collectiveShare").GetDouble(), Is.InRange(0, 1));
        Assert.That(reports[0].GetProperty("bytesReduced").GetInt64(), Is.Positive);
        var (code, output, error) = TrainerProcess.Run("verify-ledger", "--ledger", Path.Combine(_folder.Root, "ledger"), "--samples", "100", "--epochs", "2");
        Assert.That(code, Is.Zero, error + output);
        Assert.That(TrainerProcess.Run("verify-ledger", "--ledger", Path.Combine(_folder.Root, "ledger"), "--samples", "99").ExitCode, Is.EqualTo(1));
        foreach (var process in processes) process.Dispose();
    }

    [Test]
    public void When_a_process_of_a_fixed_group_is_killed_the_others_end_and_name_its_rank()
    {
        var processes = Start(3, "killed", "--epochs", "2000", "--max-steps", "100000").ToArray();
        Assert.That(processes[0].WaitForLine("\"event\":\"step\""), processes[0].Output);
        processes[1].Kill();
        Assert.That(processes[0].WaitForExit(), Is.EqualTo(1));
        Assert.That(processes[2].WaitForExit(), Is.EqualTo(1));
        Assert.That(processes[0].Lines[^1] + processes[2].Lines[^1], Does.Contain("rank 1 closed its connection"));
        foreach (var process in processes) process.Dispose();
    }

    [Test]
    public void Sigterm_of_one_process_ends_all_of_a_fixed_group_and_another_number_goes_on_from_the_checkpoint()
    {
        var processes = Start(3, "stopped", "--epochs", "4000", "--max-steps", "40000").ToArray();
        Assert.That(processes[0].WaitForLine("\"event\":\"step\""), processes[0].Output);
        processes[2].Terminate();
        foreach (var process in processes) Assert.That(process.WaitForExit(), Is.EqualTo(143), process.Output);
        foreach (var process in processes) process.Dispose();

        var step = long.Parse(Path.GetFileName(Directory.GetDirectories(Path.Combine(_folder.Root, "run"), "g1-s*").Single()).Split('-')[1][1..]);
        var again = Start(2, "again", "--epochs", "4000", "--max-steps", $"{step + 25}").ToArray();
        foreach (var process in again) Assert.That(process.WaitForExit(), Is.Zero, process.Output);
        Assert.That(again[0].Output, Does.Contain($"continuing at step {step} "));
        foreach (var process in again) process.Dispose();
        Assert.That(TrainerProcess.Run("verify-ledger", "--ledger", Path.Combine(_folder.Root, "ledger"), "--samples", "100").ExitCode, Is.Zero);
    }

    [TestCase("--distributed", "--rendezvous")]
    [TestCase("--processes 2", "--distributed")]
    [TestCase("--distributed --rendezvous here", "WORLD_SIZE")]
    [TestCase("--distributed --rendezvous here --processes 2", "--processes 2")]
    public void Settings_of_which_nobody_knows_who_trains_together_end_with_2_and_the_fix(string options, string fix)
    {
        var (code, output, error) = TrainerProcess.Run(["train", "--data", _folder.Data, "--output", Path.Combine(_folder.Root, "x", "model"), .. options.Split(' ')]);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(output + error, Does.Contain(fix));
    }

    private IEnumerable<TrainerProcess> Start(int size, string meeting, params string[] more)
    {
        for (var rank = 0; rank < size; rank++)
        {
            yield return new TrainerProcess(
                [
                    "train", "--data", _folder.Data, "--batch-size", "10", "--checkpoint-dir", Path.Combine(_folder.Root, "run"), "--checkpoint-every", "1h", "--threads", "1",
                    "--progress", "json", "--report", Path.Combine(_folder.Root, "report.json"), "--ledger", Path.Combine(_folder.Root, "ledger"), "--distributed",
                    "--rendezvous", Path.Combine(_folder.Root, meeting), .. more,
                ],
                new Dictionary<string, string> { ["RANK"] = $"{rank}", ["WORLD_SIZE"] = $"{size}", ["AIDC_INTERFACE"] = "127.0.0.1" });
        }
    }
}
