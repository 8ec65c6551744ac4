using AiDc.ControllerRuntime;
using AiDc.Operator.Serving.Demand;
using AiDc.Serving.V1;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class LoadBoardTests
{
    private static readonly NamespacedName Digits = new("team", "digits");
    private static readonly NamespacedName Pod = new("team", "digits-a-1");

    private readonly FakeTimeProvider clock = new();
    private LoadBoard board = null!;

    [SetUp]
    public void Start() => board = new(clock);

    [Test]
    public void Nobody_says_anything_is_no_load_that_anything_follows_from() =>
        Assert.That(board.Read(Digits), Has.Property("Gateways").EqualTo(0).And.Property("Complete").False);

    [Test]
    public void The_load_is_the_sum_over_live_gateways()
    {
        using var a = board.Join("a");
        using var b = board.Join("b");
        Report("a", arrivals: 10, held: 1);
        Report("b", arrivals: 100, held: 2);

        Report("a", arrivals: 13, held: 1, completed: 2, inFlight: 4);
        Report("b", arrivals: 101, held: 0, completed: 1, inFlight: 3);

        var reading = board.Read(Digits);
        Assert.That((reading.Gateways, reading.Complete, reading.Arrivals, reading.Held), Is.EqualTo((2, true, 4, 1)));
        Assert.That((reading.InFlight, reading.Completed), Is.EqualTo((7, 3)));
    }

    [Test]
    public void A_gateway_that_lives_and_is_silent_makes_it_incomplete_and_one_that_left_does_not()
    {
        using var a = board.Join("a");
        var b = board.Join("b");
        Report("a");
        Assert.That(board.Read(Digits).Complete, Is.False, "b has not said anything");

        Report("b");
        Assert.That(board.Read(Digits).Complete, Is.True);

        clock.Advance(TimeSpan.FromSeconds(2.1));
        Report("a");
        Assert.That(board.Read(Digits).Complete, Is.False);

        b.Dispose();
        Assert.That((board.Read(Digits).Complete, board.Read(Digits).Gateways), Is.EqualTo((true, 1)));
    }

    [Test]
    public void What_was_counted_before_this_leader_was_told_is_not_counted_and_a_restart_counts_from_zero()
    {
        using (board.Join("a"))
        {
            Report("a", arrivals: 5000, completed: 4000);
            Assert.That((board.Read(Digits).Arrivals, board.Read(Digits).Completed), Is.EqualTo((0, 0)));
        }

        // The same process dials again, then another one of the same name.
        using var again = board.Join("a");
        Report("a", arrivals: 5007, completed: 4002);
        Report("a", arrivals: 3, completed: 1);

        Assert.That((board.Read(Digits).Arrivals, board.Read(Digits).Completed), Is.EqualTo((10, 3)));
    }

    [Test]
    public void A_report_in_parts_counts_once_it_is_whole_and_changes_leave_the_rest_as_it_was()
    {
        var other = new NamespacedName("team", "other");
        using var a = board.Join("a");
        board.Report("a", new Load { Services = { One(Digits, 5) }, More = true });
        Assert.That(board.Read(Digits).Complete, Is.False);
        board.Report("a", new Load { Services = { One(other, 7) } });
        Assert.That((board.Read(Digits).Complete, board.Read(Digits).Held, board.Read(other).Held), Is.EqualTo((true, 5, 7)));
        Assert.That(board.Read(other).Arrivals, Is.Zero, "what was counted before it was heard is not counted");

        board.Report("a", new Load { Changes = true, Services = { One(other, 9) } });
        Assert.That((board.Read(Digits).Held, board.Read(other).Held, board.Read(other).Arrivals), Is.EqualTo((5, 9, 2)));

        board.Report("a", new Load { Changes = true, Gone = { Digits.ToString() } });
        Assert.That((board.Read(Digits).Held, board.Read(other).Held), Is.EqualTo((0, 9)));

        board.Report("a", new Load { Services = { One(Digits, 1) } });
        Assert.That((board.Read(Digits).Held, board.Read(other).Held), Is.EqualTo((1, 0)), "one that names all leaves out what is no more");
    }

    [Test]
    public void A_stream_that_breaks_in_the_middle_of_a_report_leaves_what_was_known()
    {
        var first = board.Join("a");
        board.Report("a", new Load { Services = { One(Digits, 5) } });
        board.Report("a", new Load { Services = { One(new("team", "other"), 7) }, More = true });
        first.Dispose();
        using var second = board.Join("a");

        board.Report("a", new Load { Changes = false, Services = { One(Digits, 6) } });

        Assert.That((board.Read(Digits).Held, board.Read(new("team", "other")).Held), Is.EqualTo((6, 0)));
    }

    [Test]
    public void What_is_known_of_a_service_that_was_deleted_does_not_come_back_with_the_next_report()
    {
        using var a = board.Join("a");
        board.Report("a", new Load());
        board.Report("a", new Load { Services = { One(Digits, 5) } });

        board.Forget(Digits);
        board.Report("a", new Load { Services = { One(Digits, 8) } });
        Assert.That(board.Known, Does.Not.Contain(Digits));

        // It is made again: whoever reconciles it reads its load.
        Assert.That(board.Read(Digits).Arrivals, Is.Zero);
        board.Report("a", new Load { Services = { One(Digits, 9) } });
        Assert.That(board.Read(Digits).Arrivals, Is.EqualTo(1));
    }

    private static ServiceLoad One(NamespacedName name, uint count) => new() { Service = name.ToString(), Held = count, ArrivalsTotal = count };

    [Test]
    public void What_a_canary_is_judged_by_beyond_its_answers_is_summed_too()
    {
        using var a = board.Join("a");
        using var b = board.Join("b");
        foreach (var gateway in (string[])["a", "b"])
            foreach (var times in (int[])[1, 3])
                board.Report(gateway, new Load
                {
                    Services =
                    {
                        new ServiceLoad
                        {
                            Service = Digits.ToString(),
                            Revisions = { new RevisionLoad { Revision = "digits-1", RetriedTotal = (ulong)times, LeftTotal = (ulong)(2 * times), LeftSecondsTotal = 0.5 * times, LogMicrosecondsTotal = 7 * times } },
                        },
                    },
                });

        var sum = board.Read(Digits).Revisions["digits-1"];

        Assert.That((sum.Retried, sum.Left, sum.LeftSeconds, sum.LogMicroseconds), Is.EqualTo((4, 8, 2.0, 28.0)));
        Assert.That(sum.Since(sum), Has.Property("Retried").Zero.And.Property("Left").Zero.And.Property("LeftSeconds").Zero.And.Property("LogMicroseconds").Zero);
    }

    [Test]
    public void A_service_that_a_known_gateway_mentions_first_is_new_and_counts_from_its_beginning()
    {
        using var a = board.Join("a");
        board.Report("a", new Load());

        Report("a", arrivals: 3);

        Assert.That(board.Read(Digits).Arrivals, Is.EqualTo(3));
    }

    [Test]
    public void Requests_that_wait_for_a_replica_wake_the_service_with_each_report()
    {
        var woken = new List<NamespacedName>();
        board.Woken += woken.Add;
        using var a = board.Join("a");

        Report("a", held: 1);
        Report("a", held: 1);
        Report("a", held: 0);

        Assert.That(woken, Is.EqualTo(new[] { Digits, Digits }));
    }

    [Test]
    public void A_pod_is_unreachable_when_all_gateways_have_said_so_twice()
    {
        var changed = new List<NamespacedName>();
        board.ReachChanged += changed.Add;
        using var a = board.Join("a");
        using var b = board.Join("b");
        var unreachable = new Load { Unreachable = { "team/digits-a-1" } };

        board.Report("a", unreachable);
        board.Report("a", unreachable);
        board.Report("b", unreachable);
        Assert.That(board.IsUnreachable(Pod), Is.False);

        board.Report("b", unreachable);
        Assert.That(board.IsUnreachable(Pod), Is.True);

        board.Report("a", new Load());
        Assert.That(board.IsUnreachable(Pod), Is.False);
        Assert.That(changed, Is.EqualTo(new[] { Pod, Pod, Pod }));
    }

    [Test]
    public void Names_that_are_none_are_passed_over()
    {
        using var a = board.Join("a");

        Assert.That(() => board.Report("a", new Load { Services = { new ServiceLoad { Service = "x" }, new ServiceLoad { Service = "a/b/c" } }, Unreachable = { "", "/" } }), Throws.Nothing);
    }

    private void Report(string gateway, ulong arrivals = 0, uint held = 0, ulong completed = 0, uint inFlight = 0) => board.Report(gateway, new Load
    {
        Services =
        {
            new ServiceLoad
            {
                Service = "team/digits",
                ArrivalsTotal = arrivals,
                Held = held,
                Revisions = { new RevisionLoad { Revision = "digits-a", CompletedTotal = completed, InFlight = inFlight } },
            },
        },
    });
}
