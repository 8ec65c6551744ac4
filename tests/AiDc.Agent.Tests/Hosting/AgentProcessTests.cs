using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AiDc.Agent.Tests.Hosting;

/// <summary>An agent of a pod by itself, with real programs.</summary>
public sealed class AgentProcessTests
{
    [Test]
    public void All_programs_run_each_with_its_rank_and_their_lines_say_whose_they_are()
    {
        using var agent = new AgentProcess("echo rank $RANK of $WORLD_SIZE, local $LOCAL_RANK of $LOCAL_WORLD_SIZE", processes: 3);

        Assert.That(agent.WaitForEnd(), Is.Zero);
        Assert.That(agent.Rest().Order(), Is.EqualTo(Enumerable.Range(0, 3).Select(i => $"[{i}] rank {i} of 3, local {i} of 3")));
    }

    [Test]
    public void One_programs_output_is_passed_on_as_it_is()
    {
        using var agent = new AgentProcess("printf 'no newline'");

        Assert.That(agent.WaitForEnd(), Is.Zero);
        Assert.That(agent.Rest(), Is.EqualTo((string[])["no newline"]));
    }

    [Test]
    public void A_rank_that_fails_ends_the_others_and_its_code_and_last_words_are_left_behind()
    {
        using var agent = new AgentProcess("if [ $RANK = 1 ]; then echo why it failed >&2; exit 3; fi; sleep 100", processes: 2);

        Assert.That(agent.WaitForEnd(), Is.EqualTo(3));
        Assert.That(agent.Termination, Is.EqualTo("rank 1 (process 1 of this pod) ended with exit code 3\nwhy it failed\n"));
    }

    [Test]
    public void A_program_that_a_signal_ended_is_told_as_a_shell_would()
    {
        using var agent = new AgentProcess("kill -SEGV $$");

        Assert.That(agent.WaitForEnd(), Is.EqualTo(139));
        Assert.That(agent.Termination, Does.StartWith("rank 0 was ended by SIGSEGV"));
    }

    [Test]
    public void The_wish_to_end_reaches_the_program_which_has_time_for_a_checkpoint()
    {
        using var agent = new AgentProcess("trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
        Assert.That(agent.Line(), Is.EqualTo("ready"));

        agent.Signal("TERM");

        Assert.That(agent.Line(), Is.EqualTo("saved"));
        Assert.That(agent.WaitForEnd(), Is.EqualTo(143), "a pod that was asked to end is not done");
    }

    [Test]
    public void A_program_that_ignores_the_wish_to_end_is_ended_before_the_pod_is_and_so_is_what_it_forked()
    {
        using var agent = new AgentProcess("trap '' TERM; sleep 1000 & echo $!; while :; do sleep 0.05; done");
        var forked = agent.Line();

        agent.Signal("TERM");

        Assert.That(agent.WaitForEnd(), Is.EqualTo(143));
        Assert.That(AgentProcess.Lives(forked), Is.False);
    }

    [Test]
    public void What_a_program_leaves_behind_is_ended_and_does_not_hold_up_the_agent()
    {
        using var agent = new AgentProcess("sleep 1000 & echo $!");
        var forked = agent.Line();

        Assert.That(agent.WaitForEnd(), Is.Zero);
        Assert.That(AgentProcess.Lives(forked), Is.False);
    }

    [Test]
    public void Orphans_are_reaped()
    {
        using var agent = new AgentProcess("(sh -c 'sleep 0.2 & echo $!' ); sleep 1; cut -d' ' -f3,4 /proc/[0-9]*/stat 2>/dev/null | grep -cx \"Z $PPID\"");
        var orphan = agent.Line();

        Assert.That(agent.Line(), Is.EqualTo("0"), $"{orphan} is a zombie");
    }

    [Test]
    public void A_program_has_the_signals_of_a_new_process()
    {
        using var agent = new AgentProcess("grep -E 'Sig(Ign|Blk)' /proc/self/status | cut -f2");
        var (blocked, ignored) = (Mask(agent.Line()), Mask(agent.Line()));

        // Signals 32 and 33 are the C library's own: its posix_spawn leaves them ignored.
        Assert.That((blocked, ignored & ~0x180000000UL), Is.EqualTo((0UL, 0UL)));

        static ulong Mask(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    [Test]
    public async Task A_program_reports_over_the_socket_and_hears_that_it_is_to_end()
    {
        using var agent = new AgentProcess("trap '' TERM; echo $AIDC_AGENT_SOCKET; while :; do sleep 0.05; done");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(agent.Line()));
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);

        Assert.That(await Ask("""{"rank":0,"generation":1,"step":12,"loss":0.5,"metrics":{"accuracy":0.9}}"""), Is.EqualTo("""{"stop":false,"generation":1}"""));
        Assert.That(await Ask("nonsense"), Does.Contain("this is no report"));
        agent.Signal("TERM");
        var answer = "";
        for (var i = 0; i < 100 && !answer.Contains("true", StringComparison.Ordinal); i++)
            answer = await Ask("""{"rank":0,"generation":1,"step":13}""");
        Assert.That(answer, Is.EqualTo("""{"stop":true,"generation":1}"""));

        async Task<string> Ask(string line)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
            return await reader.ReadLineAsync() ?? "";
        }
    }
}
