namespace AiDc.Architecture.Tests;

/// <summary>The rooms of each product know each other as <see cref="AllowedArrows"/> says, and no way leads back to where it began.</summary>
[TestFixture]
internal sealed class RoomsTests
{
    private static readonly Dictionary<string, string> Assemblies = new() { ["AiDc.Trainer"] = "aidc-trainer" };

    private static IEnumerable<string> Products() => AllowedArrows.All.Keys;

    [TestCaseSource(nameof(Products))]
    public void A_room_knows_only_the_rooms_that_it_may_know(string product)
    {
        var others = Actual(product).Except(AllowedArrows.All[product]).Order();

        Assert.That(others.Select(a => $"{a.From} -> {a.To}"), Is.Empty, "arrows that nobody has allowed");
    }

    [TestCaseSource(nameof(Products))]
    public void No_arrow_is_allowed_that_is_not_there(string product) =>
        Assert.That(AllowedArrows.All[product].Except(Actual(product)).Order().Select(a => $"{a.From} -> {a.To}"), Is.Empty);

    [TestCaseSource(nameof(Products))]
    public void No_way_through_rooms_leads_back_to_where_it_began(string product) =>
        Assert.That(string.Join(" -> ", Rooms.Cycle(AllowedArrows.All[product]) ?? []), Is.Empty);

    [TestCaseSource(nameof(Products))]
    public void The_drawing_shows_the_arrows_that_are_allowed(string product)
    {
        var allowed = AllowedArrows.All[product].Select(a => (From: Outer(a.From), To: Outer(a.To))).Where(a => a.From != a.To).Distinct();

        Assert.That(Drawing.Of(product).Order().Select(a => $"{a.From} -> {a.To}"), Is.EqualTo(allowed.Order().Select(a => $"{a.From} -> {a.To}")));
    }

    [Test]
    public void A_way_that_leads_back_is_found() =>
        Assert.That(Rooms.Cycle([("A", "B"), ("B", "C"), ("D", "A"), ("C", "A")]), Is.EqualTo((string[])["A", "B", "C", "A"]));

    [Test]
    public void A_folder_and_the_room_that_it_is_in_may_know_each_other() =>
        Assert.That(Rooms.Cycle([("A", "A.B"), ("A.B", "A"), ("A.C", "A.B")]), Is.Null);

    [Test]
    public void Two_folders_of_a_room_may_not() =>
        Assert.That(Rooms.Cycle([("A", "A.B"), ("A.B", "A.C"), ("A.C", "A.B")]), Is.EqualTo((string[])["A.B", "A.C", "A.B"]));

    private static IReadOnlySet<(string From, string To)> Actual(string product) =>
        Rooms.ArrowsOf(ProductAssemblies.Named(Assemblies.GetValueOrDefault(product, product)), product);

    private static string Outer(string room) => room.Split('.')[0];
}
