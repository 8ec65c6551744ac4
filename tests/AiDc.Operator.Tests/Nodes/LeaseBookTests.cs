using AiDc.Operator.Nodes;

namespace AiDc.Operator.Tests.Nodes;

public sealed class LeaseBookTests
{
    [Test]
    public void A_node_is_dead_when_its_lease_has_not_changed_for_its_duration_while_others_have()
    {
        var book = Renewed(new(), until: 100, except: ("b", 50));
        Assert.That(book.Dead(), Is.EquivalentTo(new[] { "b" }));
        Assert.That(book.DeadFor("b"), Is.EqualTo(TimeSpan.FromSeconds(50)));

        Assert.That(Renewed(new(), until: 80, except: ("b", 50)).Dead(), Is.Empty, "30 s are not 40");
    }

    [Test]
    public void A_renewal_that_changes_nothing_is_none()
    {
        var book = new LeaseBook().Saw("a", "t0", 40, At(0)).Saw("b", "t0", 40, At(0));
        for (var second = 10; second <= 60; second += 10) book = book.Saw("a", $"t{second}", 40, At(second)).Saw("b", "t0", 40, At(second));

        Assert.That(book.Dead(), Is.EquivalentTo(new[] { "b" }));
    }

    [Test]
    public void Nobody_is_dead_while_nothing_comes_from_anybody() =>
        // The watch stands still: the newest news is old, and so nobody has been silent for longer than anybody else.
        Assert.That(Renewed(new(), until: 30).Dead(), Is.Empty);

    [Test]
    public void News_after_a_long_silence_of_all_forgives_all()
    {
        var book = Renewed(new(), until: 30).Saw("a", "after", 40, At(200));
        Assert.That(book.Dead(), Is.Empty, "b's renewal is behind in the same burst");

        for (var second = 210; second < 240; second += 10) book = book.Saw("a", $"t{second}", 40, At(second));
        Assert.That(book.Dead(), Is.Empty);
        Assert.That(book.Saw("a", "last", 40, At(240)).Dead(), Is.EquivalentTo(new[] { "b", "c" }));
    }

    [Test]
    public void A_dead_node_that_renews_lives()
    {
        var book = Renewed(new(), until: 100, except: ("b", 50));

        Assert.That(book.Saw("b", "again", 40, At(101)).Dead(), Is.Empty);
    }

    [Test]
    public void A_lease_that_is_gone_says_nothing() =>
        Assert.That(Renewed(new(), until: 100, except: ("b", 50)).Gone("b").DeadFor("b"), Is.Null);

    [Test]
    public void The_lease_s_own_duration_counts()
    {
        var book = new LeaseBook().Saw("a", "1", 5, At(0)).Saw("b", "1", null, At(0)).Saw("c", "1", 5, At(0)).Saw("c", "2", 5, At(6));

        Assert.That(book.Dead(), Is.EquivalentTo(new[] { "a" }));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(1000 + seconds);

    private static LeaseBook Renewed(LeaseBook book, int until, (string Node, int From)? except = null)
    {
        for (var second = 0; second <= until; second += 10)
            foreach (var node in (string[])["a", "b", "c"])
                if (except is not { } silent || silent.Node != node || second <= silent.From) book = book.Saw(node, $"{node} at {second}", 40, At(second));
        return book;
    }
}
