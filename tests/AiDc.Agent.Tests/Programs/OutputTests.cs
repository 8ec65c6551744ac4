using System.Text;
using AiDc.Agent.Programs;

namespace AiDc.Agent.Tests.Programs;

public sealed class OutputTests
{
    [Test]
    public void Lines_are_put_together_from_whatever_pieces_they_come_in()
    {
        Assert.That(Lines("one\ntw", "o\nthr"), Is.EqualTo((string[])["one\n", "two\n", "thr"]));
    }

    [Test]
    public void A_line_without_an_end_goes_in_parts() => Assert.That(Lines(new string('x', 25)), Is.EqualTo((string[])["xxxxxxxxxx", "xxxxxxxxxx", "xxxxx"]));

    [Test]
    public void A_progress_bar_ends_its_lines_by_a_carriage_return() => Assert.That(Lines("10%\r20%\r"), Is.EqualTo((string[])["10%\r", "20%\r"]));

    [Test]
    public void The_tail_keeps_the_last_whole_lines()
    {
        var tail = new OutputTail(most: 10);
        foreach (var line in (string[])["first\n", "2nd\n", "3rd\n"])
            tail.Add(Encoding.ASCII.GetBytes(line));

        Assert.That(Encoding.ASCII.GetString(tail.Bytes()), Is.EqualTo("2nd\n3rd\n"));
    }

    [Test]
    public void The_report_says_what_happened_first_and_fits_whatever_the_output()
    {
        var report = FailureReport.Render(new(1, 3, 0), rank: 5, processes: 2, outOfMemory: false, null, Encoding.UTF8.GetBytes(new string('ä', 4000)));

        Assert.That(report, Has.Length.LessThanOrEqualTo(FailureReport.MostBytes));
        Assert.That(Encoding.UTF8.GetString(report), Does.StartWith("rank 5 (process 1 of this pod) ended with exit code 3\nä").And.EndWith("ä"));
    }

    [Test]
    public void Being_out_of_memory_is_said_with_the_limit() => Assert.That(
        FailureReport.Cause(new(0, 137, 9), 2, 1, outOfMemory: true, 512L * 1024 * 1024), Is.EqualTo("rank 2 ran out of memory: the container's limit is 512 MiB"));

    [TestCase("memory.events", "low 0\noom 4\noom_kill 3\noom_group_kill 0\n")]
    [TestCase("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")]
    public void Kills_for_memory_are_counted_by_both_versions_of_control_groups(string file, string content)
    {
        var root = Directory.CreateTempSubdirectory("aidc-agent").FullName;
        Directory.CreateDirectory(Path.Combine(root, "memory"));
        File.WriteAllText(Path.Combine(root, file), content);

        Assert.That(new ContainerMemory(root).Kills(), Is.EqualTo(3));
        Directory.Delete(root, recursive: true);
    }

    private static string[] Lines(params string[] pieces)
    {
        var lines = new OutputLines(longest: 10);
        var got = new List<string>();
        foreach (var piece in pieces)
            lines.Add(Encoding.ASCII.GetBytes(piece), l => got.Add(Encoding.ASCII.GetString(l.Span)));
        lines.Flush(l => got.Add(Encoding.ASCII.GetString(l.Span)));
        return [.. got];
    }
}
