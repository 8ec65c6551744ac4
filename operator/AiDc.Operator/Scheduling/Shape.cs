using System.Globalization;
using System.Text;

namespace AiDc.Operator.Scheduling;

/// <summary>
/// What pods of one kind need of a node, and on which nodes how many of them fit now. Kept while a cycle takes and gives back: most of a deep queue is of
/// few shapes, and what did not fit for one need not be looked at for the next.
/// </summary>
internal sealed class Shape
{
    /// <summary>No gang has more pods on a node; it bounds what a shape without requests counts.</summary>
    private const int MostOnANode = 4096;

    private readonly NodeBoard board;
    private readonly int most;

    public Shape(NodeBoard board, Amounts perPod, PlacementConstraints constraints, IReadOnlyDictionary<string, string> flavor)
    {
        (this.board, PerPod, Constraints) = (board, perPod, constraints);
        most = constraints.Spread || constraints.WholeNodes ? 1 : MostOnANode;
        var eligible = new bool[board.Nodes.Length];
        Now = new int[board.Nodes.Length];
        HashSet<string> avoided = [.. constraints.AvoidedNodes];
        for (var n = 0; n < eligible.Length; n++)
        {
            eligible[n] = Eligibility.Of(board.Nodes[n], constraints, flavor, avoided);
            if (eligible[n]) Now[n] = board.FittingNow(n, perPod, constraints.WholeNodes, most);
        }
        Eligible = eligible;
    }

    public Amounts PerPod { get; }

    public PlacementConstraints Constraints { get; }

    public bool[] Eligible { get; }

    /// <summary>Of each node, how many pods fit on what is free now; what others will take of it later is not in it.</summary>
    public int[] Now { get; }

    /// <summary>The fewest pods that were found not to fit now; nothing has been given back since.</summary>
    public int DoesNotFitNow { get; set; } = int.MaxValue;

    /// <summary>The most pods that fit in one domain of the required topology when all nodes are empty; null: not reckoned yet.</summary>
    public long? RoomEver { get; set; }

    public void Follow(int node)
    {
        if (Eligible[node]) Now[node] = board.FittingNow(node, PerPod, Constraints.WholeNodes, most);
    }

    public int Fitting(int node, double from, double until) =>
        Eligible[node] ? board.Fitting(node, PerPod, Constraints.WholeNodes, most, from, until) : 0;

    public int FittingEver(int node) => Eligible[node] ? board.FittingEver(node, PerPod, Constraints.WholeNodes, most) : 0;

    /// <summary>Equal for jobs whose pods are alike in all that placing them depends on.</summary>
    public static string KeyOf(Amounts perPod, PlacementConstraints c, string flavor)
    {
        var key = new StringBuilder(flavor).Append('\n').Append(perPod.ToString());
        if (ReferenceEquals(c, PlacementConstraints.None)) return key.ToString();
        key.Append(CultureInfo.InvariantCulture, $"\n{c.Spread}{c.WholeNodes}\n{c.RequiredTopology}");
        foreach (var (label, value) in c.NodeLabels.OrderBy(l => l.Key, StringComparer.Ordinal)) key.Append('\n').Append(label).Append('=').Append(value);
        foreach (var terms in c.Affinity)
            key.Append("\nor ").AppendJoin('&', terms.Select(t => $"{t.Label} {t.Operator} {string.Join(',', t.Values)}"));
        foreach (var toleration in c.Tolerations) key.Append("\nbears ").Append(toleration.ToString());
        return key.Append("\navoids ").AppendJoin(',', c.AvoidedNodes).ToString();
    }
}

/// <summary>Whether pods may go to a node at all, as kube-scheduler sees it: labels, affinity, taints, cordons.</summary>
internal static class Eligibility
{
    public static bool Of(SchedulingNode node, PlacementConstraints c, IReadOnlyDictionary<string, string> flavor, HashSet<string> avoided) =>
        node.TakesPods
        && Has(node, flavor)
        && Has(node, c.NodeLabels)
        && (c.Affinity.Count == 0 || c.Affinity.Any(terms => terms.All(t => Satisfies(node, t))))
        && node.Taints.All(t => c.Tolerations.Any(bears => (bears.Key is null || bears.Key == t.Key) && (bears.Value is null || bears.Value == t.Value)))
        && !avoided.Contains(node.Name);

    private static bool Has(SchedulingNode node, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var (label, value) in labels)
            if (!node.Labels.TryGetValue(label, out var has) || has != value) return false;
        return true;
    }

    private static bool Satisfies(SchedulingNode node, NodeTerm term)
    {
        var has = node.Labels.TryGetValue(term.Label, out var value);
        return term.Operator switch
        {
            NodeTermOperator.In => has && term.Values.Contains(value),
            NodeTermOperator.NotIn => !has || !term.Values.Contains(value),
            NodeTermOperator.Exists => has,
            NodeTermOperator.DoesNotExist => !has,
            NodeTermOperator.GreaterThan => Compare(value, term) > 0,
            NodeTermOperator.LessThan => Compare(value, term) < 0,
            _ => false,
        };
    }

    /// <summary>Null, which is neither more nor less, where one of them is no number.</summary>
    private static int? Compare(string? value, NodeTerm term) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var has)
        && term.Values is [var text] && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bound)
            ? has.CompareTo(bound)
            : null;
}
