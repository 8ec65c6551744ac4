namespace AiDc.Operator.Membership;

/// <summary>How many workers a gang has.</summary>
/// <param name="Target">As many as it is to have: slots 0 to Target - 1.</param>
/// <param name="Needed">With fewer nobody trains. Equal to the target where the gang is rigid.</param>
public sealed record GangSize(int Target, int Needed)
{
    public static GangSize Rigid(int replicas) => new(replicas, replicas);

    public bool IsElastic => Needed < Target;
}
