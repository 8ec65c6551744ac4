using AiDc.Coordination.V1;
using AiDc.Operator.Coordination;
using AiDc.Operator.Coordination.Sessions;
using AiDc.Coordination;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Coordination;

public sealed class ClientRulesTests
{
    private static readonly Uri Home = new("https://10.96.0.7:8443");
    private static readonly Uri Leader = new("https://10.0.0.5:8443");

    [Test]
    public void Backoff_grows_from_a_fifth_of_a_second_to_five_and_starts_anew_after_a_welcome()
    {
        var dial = new Dial(Home, TimeSpan.Zero, 0, 0);
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            dial = ReconnectPolicy.Next(dial, new SessionEnd.Lost("x", false), Home, random: 1);
            waits.Add(dial.After.TotalSeconds);
        }

        Assert.That(waits, Is.EqualTo(new[] { 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5 }).Within(1e-9));
        Assert.That(ReconnectPolicy.Next(dial, new SessionEnd.Lost("x", true), Home, 1).After.TotalSeconds, Is.EqualTo(0.2).Within(1e-9));
        Assert.That(ReconnectPolicy.Next(dial, new SessionEnd.Lost("x", false), Home, 0).After.TotalSeconds, Is.EqualTo(2.5), "the jitter is half");
    }

    [Test]
    public void A_welcome_that_is_followed_by_the_end_at_once_does_not_start_the_backoff_anew()
    {
        var dial = new Dial(Home, TimeSpan.Zero, 0, 0);
        for (var i = 0; i < 10; i++)
            dial = ReconnectPolicy.Next(dial, new SessionEnd.Lost("x", ReconnectPolicy.CountsAsWelcome(TimeSpan.FromMilliseconds(5))), Home, random: 0, gang: true);

        Assert.That(dial.After, Is.EqualTo(ReconnectPolicy.LongestOfGang / 2));
        Assert.That(ReconnectPolicy.CountsAsWelcome(null), Is.False);
        Assert.That(ReconnectPolicy.CountsAsWelcome(ReconnectPolicy.Steady));
    }

    [Test]
    public void A_redirect_is_followed_at_once_but_not_in_circles()
    {
        var dial = new Dial(Home, TimeSpan.Zero, 0, 0);
        for (var i = 0; i < ReconnectPolicy.RedirectsInARow; i++)
        {
            dial = ReconnectPolicy.Next(dial, new SessionEnd.Redirected(Leader), Home, 1);
            Assert.That((dial.Address, dial.After), Is.EqualTo((Leader, TimeSpan.Zero)));
        }

        dial = ReconnectPolicy.Next(dial, new SessionEnd.Redirected(Leader), Home, 1);

        Assert.That(dial.Address, Is.EqualTo(Home));
        Assert.That(dial.After, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void A_redirect_to_nobody_waits_and_asks_again()
    {
        var dial = ReconnectPolicy.Next(new(Home, TimeSpan.Zero, 0, 0), new SessionEnd.Redirected(null), Home, 1);

        Assert.That((dial.Address, dial.After.TotalSeconds), Is.EqualTo((Home, 0.2)));
    }

    [Test]
    public void A_leader_that_went_away_is_asked_for_at_home()
    {
        var dial = ReconnectPolicy.Next(new(Leader, TimeSpan.Zero, 0, 1), new SessionEnd.Lost("x", true), Home, 1);

        Assert.That(dial.Address, Is.EqualTo(Home));
    }

    [Test]
    public void After_a_refusal_for_good_a_minute_passes() =>
        Assert.That(ReconnectPolicy.Next(new(Home, TimeSpan.Zero, 3, 0), new SessionEnd.Refused("no"), Home, 1), Is.EqualTo(new Dial(Home, TimeSpan.FromMinutes(1), 0, 0)));

    [Test]
    public void However_long_nobody_listens_only_the_latest_is_kept()
    {
        var outbox = new Outbox();
        for (var step = 1; step <= 1000; step++)
        {
            outbox.Report(new Heartbeat { Step = step }, new Progress { Step = step });
            outbox.Add(new CheckpointSaved { Step = step });
        }
        outbox.Add(new Finished());

        var messages = outbox.Take(tick: true, withProgress: true);

        Assert.That(messages.Select(m => m.BodyCase.ToString()), Is.EqualTo(new[] { "Heartbeat", "Progress", "CheckpointSaved", "Finished" }));
        Assert.That((messages[1].Progress.Step, messages[2].CheckpointSaved.Step), Is.EqualTo((1000, 1000)));
    }

    [Test]
    public void What_is_not_acknowledged_is_sent_again_on_the_next_stream_and_not_before()
    {
        var outbox = new Outbox();
        outbox.Add(new CheckpointSaved { Step = 1 });
        outbox.Add(new Finished());
        var first = outbox.Take(false, false);
        Assert.That(outbox.Take(false, false), Is.Empty);

        outbox.Acknowledged(first[0].Sequence);
        outbox.Restart();

        Assert.That(outbox.Take(false, false).Select(m => m.Sequence), Is.EqualTo(new[] { first[1].Sequence }));
        Assert.That(outbox.Delivered().IsCompleted, Is.False);
        outbox.Acknowledged(first[1].Sequence);
        Assert.That(outbox.Delivered().IsCompleted, Is.True);
    }

    [Test]
    public void A_checkpoint_that_was_superseded_while_on_its_way_is_not_taken_for_delivered()
    {
        var outbox = new Outbox();
        outbox.Add(new CheckpointSaved { Step = 1 });
        var first = outbox.Take(false, false)[0];
        outbox.Add(new CheckpointSaved { Step = 2 });

        outbox.Acknowledged(first.Sequence);

        Assert.That(outbox.Take(false, false).Single().CheckpointSaved.Step, Is.EqualTo(2));
    }

    [TestCase(4u, true)]
    [TestCase(5u, true)]
    [TestCase(3u, false)]
    [TestCase(6u, false)]
    public void The_operator_speaks_its_own_version_and_the_one_before(uint offered, bool spoken) =>
        Assert.That(ProtocolVersions.Problem(offered, current: 5) is null, Is.EqualTo(spoken));

    [Test]
    public void A_budget_lets_a_burst_pass_and_then_the_rate()
    {
        var clock = new FakeTimeProvider();
        var budget = new MessageBudget(clock, perSecond: 2, burst: 3);
        Assert.That(Enumerable.Range(0, 4).Select(_ => budget.TryTake()), Is.EqualTo(new[] { true, true, true, false }));

        clock.Advance(TimeSpan.FromSeconds(0.5));

        Assert.That((budget.TryTake(), budget.Take().TotalSeconds), Is.EqualTo((true, 0.5)));
    }

    [TestCase("aidc-operator-abc_10.0.0.5:8443_f00", "https://10.0.0.5:8443")]
    [TestCase("aidc-operator-abc_[fd00::5]:8443_f00", "https://[fd00::5]:8443")]
    [TestCase("somebody-else", null)]
    [TestCase("pod_host:8443_x", null)]
    [TestCase("pod_10.0.0.5_x", null)]
    [TestCase("", null)]
    [TestCase(null, null)]
    public void The_leaders_address_is_read_from_the_lease(string? holder, string? address) =>
        Assert.That(LeaderIdentity.TryParse(holder, out var identity) ? identity.Address : null, Is.EqualTo(address));

    [TestCase("10.0.0.5")]
    [TestCase("fd00::5")]
    public void What_is_written_to_the_lease_can_be_read_from_it(string ip)
    {
        var written = LeaderIdentity.Create("pod", ip, 8443, "n");

        Assert.That(LeaderIdentity.TryParse(written.ToString(), out var read) ? read : null, Is.EqualTo(written));
    }

    [Test]
    public void Settings_come_from_the_pods_environment_or_not_at_all()
    {
        var environment = new Dictionary<string, string>
        {
            ["AIDC_COORDINATOR"] = "https://10.96.0.7:8443", ["AIDC_JOB"] = "team/digits", ["AIDC_ATTEMPT"] = "3", ["RANK"] = "1",
            ["AIDC_TOKEN_FILE"] = "/t", ["AIDC_CA_FILE"] = "/c",
        };
        Assert.That(CoordinatorSettings.FromEnvironment(environment.GetValueOrDefault), Is.EqualTo(new CoordinatorSettings(Home, "team/digits", 3, 1, "/t", "/c")));

        foreach (var missing in new[] { "AIDC_COORDINATOR", "AIDC_JOB", "AIDC_TOKEN_FILE", "AIDC_CA_FILE" })
            Assert.That(CoordinatorSettings.FromEnvironment(name => name == missing ? null : environment.GetValueOrDefault(name)), Is.Null, missing);
    }
}
